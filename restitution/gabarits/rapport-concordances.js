// Les concordances : chaque emploi d'un mot entre ses contextes, ou les phrases qui emploient une forme.

const MOTS_DE_CONTEXTE = 8;
const TRIS = ["texte", "gauche", "pivot", "droite"];

// Mots entiers, sans accents ni casse ; l'astérisque vaut une fin ou un début de mot, l'espace un blanc.
const motifConcordance = (requete) => {
  const voulu = plier(requete.trim());
  if (!/[^\s*]/.test(voulu)) return null;
  const sur = voulu.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+").replace(/\*/g, "[\\p{L}\\p{N}_]*");
  const avant = /^[\p{L}\p{N}_*]/u.test(voulu) ? "(?<![\\p{L}\\p{N}_])" : "", apres = /[\p{L}\p{N}_*]$/u.test(voulu) ? "(?![\\p{L}\\p{N}_])" : "";
  return new RegExp(`${avant}${sur}${apres}`, "gu");
};

// Les mots qui touchent le pivot d'un côté, sans sortir du tour de parole.
const entourer = (texte, sens) => {
  const jetons = texte.split(/(\s+)/), pris = [];
  let reste = MOTS_DE_CONTEXTE;
  for (const jeton of sens < 0 ? jetons.reverse() : jetons) {
    if (/[\p{L}\p{N}_]/u.test(jeton) && reste-- === 0) break;
    pris.push(/^\s+$/.test(jeton) ? " " : jeton);
  }
  return sens < 0 ? pris.reverse().join("").trimStart() : pris.join("").trimEnd();
};

const emplois = (motif, f, questions) => {
  plis = plis || P.tour.map((_, p) => plier(texteDe(p)));
  const trouves = [];
  plis.forEach((plie, phrase) => {
    if ((!questions && estQuestion(phrase)) || !garderEntretien(entretienDe(phrase), f) || plie.search(motif) < 0) return;
    const tour = T.texte[P.tour[phrase]];
    for (const [a, b] of occurrences(texteDe(phrase), [motif])) {
      const debut = P.debut[phrase] + a, fin = P.debut[phrase] + b;
      trouves.push({ phrase, gauche: entourer(tour.slice(0, debut), -1), pivot: tour.slice(debut, fin), droite: entourer(tour.slice(fin), 1) });
    }
  });
  return trouves;
};

// « gauche » compare le mot qui précède, puis celui d'avant ; la ponctuation ne compte pas.
const trierEmplois = (trouves, tri) => {
  if (tri === "texte") return trouves;
  const mots = (e) => { const lus = plier(e[tri]).match(/[\p{L}\p{N}_]+/gu) || []; return (tri === "gauche" ? lus.reverse() : lus).join(" "); };
  return trouves.map((e) => [mots(e), e]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, e]) => e);
};

const tableConcordances = (trouves) => {
  const rendre = (e) => h("tr", null, h("th", { scope: "row" }, lienEntretien(e.phrase)),
    h("td", { class: "gauche" }, e.gauche), h("td", { class: "pivot" }, h("b", null, e.pivot)), h("td", { class: "droite" }, e.droite));
  const corps = h("tbody"), suite = h("button", { type: "button", class: "suite" });
  let montres = 0;
  const allonger = (pas) => {
    const nouvelles = trouves.slice(montres, montres + pas).map(rendre);
    corps.append(...nouvelles);
    montres += nouvelles.length;
    suite.hidden = montres === trouves.length;
    suite.textContent = `Afficher la suite (${nombre(trouves.length - montres)})`;
    return nouvelles[0];
  };
  suite.addEventListener("click", () => allonger(200).querySelector("a").focus());
  allonger(100);
  return [tableau("liste concordances", "Chaque emploi, entre ce qui le précède et ce qui le suit", h("tr", null,
    [["", "Entretien"], ["gauche", "Contexte gauche"], ["pivot", "Pivot"], ["droite", "Contexte droit"]].map(([classe, nom]) => h("th", { scope: "col", class: classe || null }, nom))), corps), suite];
};

// Les rangs des phrases d'une forme, et la classe de Reinert de chaque phrase, tels que les donne l'étude.
const phrasesDeForme = (forme) => {
  let rang = 0;
  return ((V && V.emplois[forme]) || []).map((ecart) => (rang += ecart));
};
let classesDesPhrases = null;
const classeDe = (phrase) => {
  classesDesPhrases = classesDesPhrases || V.classement.flatMap(([n, classe]) => Array(n).fill(classe));
  return classesDesPhrases[phrase] || 0;
};

const phrasesDuLemme = (lemme, f) => {
  const classe = Number(etat.q.get("classe")) || 0;
  const phrases = phrasesDeForme(lemme).filter((p) => garderEntretien(entretienDe(p), f) && (!classe || classeDe(p) === classe));
  const bilan = `${compte(phrases.length, "phrase")} dans ${compte(new Set(phrases.map(entretienDe)).size, "entretien")}`;
  return [bilan, [
    h("p", { class: "compte", id: "compte-concordances" }, h("b", null, bilan), ` où se lit la forme «\u00a0${lemme}\u00a0», sous toutes ses flexions`,
      classe > 0 && `, dans la classe ${classe} de Reinert`, ". ", classe > 0 && h("a", { href: lienIci({ classe: "" }) }, "Toutes les classes"), classe > 0 && " · ",
      h("a", { href: lienIci({ lemme: "", classe: "", q: lemme }) }, "La chercher en concordance")),
    ...(phrases.length ? listePaginee(phrases, (p) => verbatim(p, { avecSource: true })) : [])]];
};

function vueConcordances(contenu) {
  const f = filtres(), q = etat.q, requete = (q.get("q") || "").trim(), questions = q.get("questions") === "1";
  const tri = TRIS.includes(q.get("tri")) ? q.get("tri") : "texte", champ = document.getElementById("q-concordances");
  document.getElementById("nav-concordances").replaceChildren(navigationVocabulaire("concordances"));
  if (document.activeElement !== champ) champ.value = requete;
  document.getElementById("tri-concordances").value = tri;
  document.getElementById("questions-concordances").checked = questions;
  if (q.get("lemme") && !requete) {
    const [bilan, pieces] = phrasesDuLemme(q.get("lemme"), f);
    contenu.replaceChildren(...pieces);
    return bilan;
  }
  const motif = motifConcordance(requete);
  if (!motif) {
    contenu.replaceChildren();
    return "";
  }
  const trouves = trierEmplois(emplois(motif, f, questions), tri);
  const bilan = `${compte(trouves.length, "emploi")} dans ${compte(new Set(trouves.map((e) => entretienDe(e.phrase))).size, "entretien")}`;
  contenu.replaceChildren(h("p", { class: "compte", id: "compte-concordances" }, h("b", null, bilan)), ...(trouves.length ? tableConcordances(trouves) : []));
  return bilan;
}
