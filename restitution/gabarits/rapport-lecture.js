// Les vues où on lit : entretiens, recherche.

function vueEntretiens(contenu) {
  const f = filtres(), requete = etat.q.get("q") || "", lesMotifs = motifs(requete);
  const champ = document.getElementById("q-entretiens");
  if (document.activeElement !== champ) champ.value = requete;
  const nombreMentions = new Array(E.id.length).fill(0);
  M.phrase.forEach((p) => nombreMentions[entretienDe(p)]++);
  const lignes = entretiensGardes(f).filter((e) => {
    const texte = plier([E.id[e], E.fonction[e], D.territoires[E.territoire[e]][1], nomCategorie(E.categorie[e]), E.fichier[e]].join(" "));
    return lesMotifs.every((motif) => texte.search(motif) >= 0);
  });
  const ligne = (e) => h("tr", null,
    h("th", { scope: "row" }, h("a", { href: lien("entretien", { id: E.id[e] }) }, E.id[e])),
    h("td", null, E.fonction[e]), h("td", null, nomCategorie(E.categorie[e])), h("td", null, D.territoires[E.territoire[e]][1]),
    h("td", { class: "date" }, dateClaire(E.date[e])), h("td", { class: "nombre" }, nombre(E.mots[e])), h("td", { class: "nombre" }, nombre(nombreMentions[e])));
  const titres = ["Entretien", "Fonction", "Catégorie d’acteurs", "Territoire", "Date", "Mots", "Mentions"];
  contenu.replaceChildren(lignes.length
    ? tableau("liste entretiens", compte(lignes.length, "entretien"), h("tr", null, titres.map((t) => h("th", { scope: "col" }, t))),
        h("tbody", null, lignes.map(ligne)))
    : h("p", { class: "vide" }, "Aucun entretien avec ces filtres."));
  return compte(lignes.length, "entretien");
}

// Le texte d'un tour, ses phrases repérables une à une, ses mentions surlignées et étiquetées.
const texteDuTour = (tour, f) => {
  const texte = T.texte[tour], morceaux = [];
  let position = 0;
  for (const phrase of PHRASES_DE[tour]) {
    morceaux.push(texte.slice(position, P.debut[phrase]));
    const mentions = MENTIONS_DE[phrase].filter((m) => garderMention(m, f));
    const attributs = { id: `phrase-${phrase}`, class: mentions.length ? "codee" : null, tabindex: "-1" };
    morceaux.push(h("span", attributs, surligner(texteDe(phrase), intervallesDe(phrase, mentions))));
    mentions.forEach((m) => {
      const c = CODES[M.code[m]], machine = estMachine(M.codeur[m]);
      const dit = `, ${D.modalites[M.modalite[m]][1]}`
        + `${M.confiance[m] === null ? "" : `, confiance ${nombre(M.confiance[m], 2)}`}, ${machine ? "" : "codeur "}${D.codeurs[M.codeur[m]]}`;
      morceaux.push("\u00a0", h("a", { class: "etiquette", title: `${c.code} ${c.intitule}${dit}`,
        href: lien("matrice", { code: c.code, lieu: D.territoires[E.territoire[T.entretien[tour]]][0] }) },
        pastille(c), c.code, h("span", { class: "invisible" }, dit),
        h("span", { class: `m${M.modalite[m]}`, "aria-hidden": "true" }, SYMBOLES[M.modalite[m]]),
        machine && h("small", { "aria-hidden": "true" }, "m")));
    });
    position = P.fin[phrase];
  }
  morceaux.push(texte.slice(position));
  return morceaux;
};

// Le rôle, quand le nom du locuteur ne le dit pas déjà (« Enquêtrice », « Enquêté 1 »).
const roleDit = (tour) => {
  const dit = /^enquet(eur|rice)/.test(plier(T.locuteur[tour])) ? 0 : /^enquete/.test(plier(T.locuteur[tour])) ? 1 : null;
  return !T.locuteur[tour] || dit === T.enquete[tour] ? "" : T.enquete[tour] ? "enquêté" : "enquêteur";
};

function vueEntretien(contenu) {
  const e = RANG_ENTRETIEN.get(etat.q.get("id")), f = filtres();
  const titre = document.getElementById("h-entretien");
  if (e === undefined) {
    titre.textContent = "Entretien introuvable";
    contenu.replaceChildren(h("p", { class: "vide" }, "Ce rapport ne contient pas cet entretien."));
    return "entretien introuvable";
  }
  titre.textContent = `${E.id[e]}\u00a0– ${E.fonction[e] || "fonction non renseignée"}`;
  const mentions = TOURS_DE[e].flatMap((t) => PHRASES_DE[t].flatMap((p) => MENTIONS_DE[p])).filter((m) => garderMention(m, f));
  const parCode = compterPar(mentions, (m) => M.code[m]);
  const portes = CODES.filter((c) => parCode(c.rang, "phrases"));
  const versVoisin = (rang, texte, sens) => rang in E.id && h("a", { class: "bouton", rel: sens, href: lien("entretien", { id: E.id[rang] }) }, texte(E.id[rang]));
  contenu.replaceChildren(
    h("p", { class: "source" }, `${nomCategorie(E.categorie[e])} · ${D.territoires[E.territoire[e]][1]} · `,
      E.date[e] && `${dateClaire(E.date[e])} · `, `${compte(E.mots[e], "mot")} · ${E.fichier[e]}`),
    h("nav", { class: "voisins", "aria-label": "Autres entretiens" }, versVoisin(e - 1, (id) => `← ${id}`, "prev"),
      h("a", { class: "bouton", href: lien("entretiens") }, "Tous les entretiens"), versVoisin(e + 1, (id) => `${id} →`, "next")),
    h("div", { class: "lecture" }, h("aside", { class: "portes", "aria-label": "Codes mentionnés dans l’entretien" },
      h("h3", null, portes.length ? "Codes mentionnés" : "Aucun code mentionné"),
      h("ul", null, portes.map((c) => h("li", { title: c.definition }, nomCode(c), h("span", { class: "fois" }, nombre(parCode(c.rang, "phrases")))))),
      h("p", { class: "legende" }, [0, 1, 2].map((r) => h("span", null, modalite(r))),
      D.codeurs.some((c) => c.startsWith("machine:")) && h("span", null, h("b", null, "m"), " repéré par la machine"),
      h("span", null, h("mark", { class: "preuve" }, "preuve")))),
    h("ol", { class: "tours" }, TOURS_DE[e].map((t) => h("li", { class: T.enquete[t] ? "enquete" : "enqueteur" },
      h("p", { class: "locuteur" }, h("b", null, T.locuteur[t] || (T.enquete[t] ? "Enquêté" : "Enquêteur")),
        roleDit(t) && h("span", null, roleDit(t)), T.horodatage[t] && h("span", null, T.horodatage[t])),
      h("p", { class: "parole" }, texteDuTour(t, f)))))));
  const voulue = etat.q.get("phrase");
  const cible = voulue && TOURS_DE[e].flatMap((t) => PHRASES_DE[t]).find((p) => P.id[p] === voulue || (!P.id[p] && String(p) === voulue));
  if (cible !== undefined && cible !== null) document.getElementById(`phrase-${cible}`)?.classList.add("visee");
  return `${E.id[e]} : ${compte(mentions.length, "mention")}`;
}

let plis = null; // les phrases pliées, préparées à la première recherche
function vueRecherche(contenu) {
  const f = filtres(), requete = (etat.q.get("q") || "").trim(), questions = etat.q.get("questions") === "1";
  const champ = document.getElementById("q-recherche");
  if (document.activeElement !== champ) champ.value = requete;
  document.getElementById("q-questions").checked = questions;
  const lesMotifs = motifs(requete);
  if (!lesMotifs.length) {
    contenu.replaceChildren();
    return "";
  }
  plis = plis || P.tour.map((_, p) => plier(texteDe(p)));
  const trouvees = P.tour.map((_, p) => p).filter((p) => (questions || !estQuestion(p)) &&
    garderEntretien(entretienDe(p), f) && lesMotifs.every((motif) => plis[p].search(motif) >= 0));
  const bilan = `${compte(trouvees.length, "phrase")} dans ${compte(new Set(trouvees.map(entretienDe)).size, "entretien")}`;
  contenu.replaceChildren(h("p", { class: "compte", id: "compte-recherche" }, h("b", null, bilan)),
    ...(trouvees.length ? listePaginee(trouvees, (p) => verbatim(p, { mentions: MENTIONS_DE[p], motifsCherches: lesMotifs, avecSource: true })) : []));
  return bilan;
}
