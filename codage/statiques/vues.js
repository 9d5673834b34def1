/* Les vues que l'on lit : entretiens, file d'attente, accord, désaccords, journal. */

import { annoncer, compter, demander, h, nombre, pourcent, tableau } from "./dom.js";
import { agir, lire } from "./reseau.js";

const lienEntretien = (nom, ou) => h("a", { href: `#/entretien/${encodeURIComponent(nom)}${ou === undefined ? "" : `/${ou}`}` }, nom);
const MODALITES = { presente: "présente", absente: "absente", hypothetique: "hypothétique" };
const date = (iso) => new Date(iso).toLocaleString("fr-FR", { dateStyle: "short", timeStyle: "short" });

export function accueil({ etude, moi }) {
  const miennes = new Map(etude.affectations.filter((a) => a.personne === moi.personne).map((a) => [a.entretien, a]));
  const etat = (e) => {
    const a = miennes.get(e.id);
    return a?.termine ? "terminé" : a?.aveugle ? "à l'aveugle" : e.codages ? "en cours" : a ? "affecté" : "";
  };
  return [h("h2", {}, "Entretiens"),
    moi.exporte ? h("p", { classe: "boutons" }, h("a", { classe: "bouton", href: "api/export", download: "etude.qdpx" }, "Télécharger l'étude (QDPX)")) : null,
    h("p", { classe: "sourd" }, `${compter(etude.entretiens.length, "entretien")}, ${
      compter(etude.entretiens.reduce((n, e) => n + e.propositions, 0), "proposition")} à juger. À la prochaine analyse, seul le codage des personnes comptera dans un entretien terminé ; ailleurs, ce qu'elles ont posé ou refusé corrige la machine.`),
    tableau("Entretiens de l'étude", ["Entretien", "À juger", "Vos codages", "État", "Territoire", "Fonction", "Catégorie"],
      etude.entretiens.map((e) => [lienEntretien(e.id), e.propositions, e.codages, etat(e), e.territoire, e.fonction, e.categorie]))];
}

export async function file({ etude }) {
  const { propositions, avancement: a } = await lire("file");
  const codes = new Map(etude.codes.map((c) => [c.code, c]));
  return [h("h2", {}, "File d'attente"),
    h("p", {}, `${compter(a.jugees, "proposition jugée")}, ${a.restent} à juger. Codes trouvés : ${a.trouves} ; encore attendus : ${nombre(a.attendus, 0)}.`),
    h("p", {}, h("label", { htmlFor: "part" }, "Part trouvée de ce que la machine propose : ", pourcent(a.rappel), " "),
      h("progress", { id: "part", max: 1, value: a.rappel })),
    h("p", { classe: a.arret ? "bandeau" : "sourd" }, a.arret ? "On peut s'arrêter : au moins 95 % de ce que les propositions peuvent donner est trouvé."
      : `Les cinquante prochaines devraient donner ${nombre(a.gain, 0)} codes. Arrêt conseillé à 95 %. Ce que la machine n'a pas proposé n'y est pas compté.`),
    tableau("Propositions les plus utiles à juger", ["Passage", "Code", "Modalité", "Confiance", "Entretien"],
      propositions.map((p) => [h("a", { href: `#/entretien/${encodeURIComponent(p.entretien)}/${p.debut}/${encodeURIComponent(p.id)}` }, `« ${p.texte} »`),
        h("span", { couleur: codes.get(p.code)?.couleur }, h("span", { classe: "pastille" }), `${p.code} ${codes.get(p.code)?.intitule ?? ""}`),
        MODALITES[p.modalite], p.confiance === null ? "–" : pourcent(p.confiance), p.entretien]))];
}

export async function accord() {
  const lignes = await lire("accord");
  const intervalle = (l) => l.bas === null ? "–" : `${nombre(l.bas)} à ${nombre(l.haut)}`;
  const paires = [...new Set(lignes.map((l) => `${l.mesure}\t${l.codeurs}`))];
  return [h("h2", {}, "Accord entre codeurs"),
    h("p", { classe: "sourd" }, "Par phrase d'enquêté, sur les entretiens que les deux ont codés. κ de Cohen par paire, α de Krippendorff pour tous ; intervalles à 95 % par rééchantillonnage des entretiens (au moins trois). L'accord avec la machine est flatteur sur les entretiens qui l'ont instruite : « monographies evaluer » les compte."),
    lignes.length ? null : h("p", {}, "Personne n'a encore codé d'entretien que l'on puisse comparer."),
    paires.map((paire) => {
      const [mesure, codeurs] = paire.split("\t");
      const siennes = lignes.filter((l) => l.mesure === mesure && l.codeurs === codeurs).sort((a, b) => (b.code === "tous") - (a.code === "tous"));
      return tableau(`${mesure === "kappa" ? "κ" : "α"} — ${codeurs} (${compter(siennes[0].entretiens, "entretien")}, ${compter(siennes[0].phrases, "phrase")})`,
        ["Code", mesure === "kappa" ? "κ" : "α", "Intervalle à 95 %", "Phrases qui le portent"],
        siennes.map((l) => [l.code, nombre(l.valeur), intervalle(l), l.portent]));
    })];
}

export async function desaccords({ etude, moi, arguments: [nom], recharger }) {
  if (!nom) return [h("h2", {}, "Désaccords"), h("ul", { classe: "liste" }, etude.entretiens.map((e) => h("li", {},
    e.aveugle ? `${e.id} : à l'aveugle, pas encore` : h("a", { href: `#/desaccords/${encodeURIComponent(e.id)}` }, e.id))))];
  if (etude.entretiens.find((e) => e.id === nom)?.aveugle) return [h("h2", {}, `Désaccords — ${nom}`), h("p", {}, lienEntretien(nom)),
    h("p", { classe: "bandeau" }, "Cet entretien se code à l'aveugle. Les désaccords se montreront quand tous ceux qui le codent auront terminé.")];
  const [trouves, lu] = [await lire(`desaccords?nom=${encodeURIComponent(nom)}`), await lire(`entretien?nom=${encodeURIComponent(nom)}`)];
  const codes = new Map(etude.codes.map((c) => [c.id, c]));
  const texte = [...lu.fiche.texte];
  const trancher = async (d) => {
    const valeurs = await demander(`Arbitrer : ${codes.get(d.code).code}`, [
      h("blockquote", {}, texte.slice(d.debut, d.fin).join("")),
      h("label", {}, "Décision ", h("select", { name: "decision" }, Object.entries(MODALITES).map(([cle, m]) =>
        h("option", { value: cle }, `le passage porte ce code, ${m}`)), h("option", { value: "" }, "le passage ne le porte pas"))),
      h("label", {}, "Raison (gardée)", h("textarea", { name: "raison", rows: 4, required: true, value: d.arbitrage?.raison ?? "" }))], "Trancher");
    if (!valeurs) return;
    try {
      await agir("arbitrer", { entretien: nom, debut: d.debut, fin: d.fin, code: d.code, porte: valeurs.decision !== "",
        modalite: valeurs.decision || "presente", raison: valeurs.raison });
      annoncer("Arbitrage gardé");
      recharger();
    } catch (erreur) { annoncer(erreur.message, true); }
  };
  const codeurs = trouves.length ? Object.keys(trouves[0].avis) : [];
  return [h("h2", {}, `Désaccords — ${nom}`), h("p", {}, lienEntretien(nom)),
    trouves.length ? tableau(`${compter(trouves.length, "désaccord")}, ${compter(trouves.filter((d) => d.arbitrage).length, "arbitré")}`,
      ["Passage", "Code", ...codeurs, "Arbitrage"], trouves.map((d) => [
        h("a", { href: `#/entretien/${encodeURIComponent(nom)}/${d.debut}` }, `« ${texte.slice(d.debut, d.fin).join("")} »`),
        h("span", { couleur: codes.get(d.code).couleur }, h("span", { classe: "pastille" }), `${codes.get(d.code).code} ${codes.get(d.code).intitule}`),
        ...codeurs.map((c) => MODALITES[d.avis[c]] ?? "non"),
        h("div", {}, d.arbitrage ? h("p", {}, d.arbitrage.porte ? `porté, ${MODALITES[d.arbitrage.modalite]}` : "non porté",
          h("br"), h("small", {}, `${d.arbitrage.personne} : ${d.arbitrage.raison}`)) : null,
        moi.role === "responsable" ? h("button", { type: "button", onclick: () => trancher(d) }, d.arbitrage ? "Revoir" : "Trancher") : null)]))
      : h("p", {}, "Aucun désaccord, ou un seul codeur.")];
}

const GENRES = { poser: "pose", modifier: "modifie", retirer: "retire", decider: "juge une proposition", noter: "écrit un mémo", arbitrer: "arbitre",
  annuler: "annule", refaire: "refait", ouvrir: "ouvre la base", creer_code: "crée un code", modifier_code: "modifie un code", fusionner_codes: "fusionne des codes",
  scinder_code: "scinde un code", retirer_code: "retire un code", compte: "tient un compte", affecter: "affecte", desaffecter: "retire une affectation", terminer: "termine ou rouvre",
  reprendre: "reprend des codages importés", mot_de_passe: "donne un mot de passe" };

export async function journal({ arguments: [avant] }) {
  const actes = await lire(`journal${avant ? `?avant=${Number(avant)}` : ""}`);
  const dire = ([table, a, b]) => `${table} : ${a ? (b ? "changé" : "ôté") : "ajouté"} ${JSON.stringify(b ?? a)}`;
  return [h("h2", {}, "Journal"), h("p", { classe: "sourd" }, "Chaque acte, du plus récent au plus ancien. Rien ne s'y efface."),
    tableau("Actes", ["N°", "Quand", "Qui", "Quoi", "Entretien", "Détail"], actes.map((a) => [a.numero, date(a.quand), a.personne,
      `${GENRES[a.genre] ?? a.genre}${a.annule ? ` (acte ${a.annule})` : ""}`, a.entretien ? lienEntretien(a.entretien) : "",
      h("details", {}, h("summary", {}, compter(a.changements.length, "changement")),
        h("ul", {}, a.changements.slice(0, 50).map((c) => h("li", {}, h("code", {}, dire(c))))))])),
    actes.length === 100 ? h("p", {}, h("a", { href: `#/journal/${actes.at(-1).numero}` }, "Plus anciens")) : null];
}
