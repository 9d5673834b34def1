// La vue des thèmes : ce qu'ils valent, les codes qu'ils recouvrent, ce que la grille ne prévoit pas.

const CODES_MONTRES = 3;
const RANG_STABILITE = new Map(D.stabilite.mots.map(([mot], rang) => [mot, rang]));
const AVERTISSEMENT = new Map(D.stabilite.mots);

// Deux décimales, sans arrondir vers le haut : un thème instable ne doit pas se lire 0,50.
const tronque = (valeur) => nombre(Math.floor(Math.round(valeur * 1000) / 10) / 100, 2);

// La stabilité est écrite ; le filet (plein, tireté, pointillé, double) la redit sans couleur.
const stabilite = (t) => h("p", { class: `stabilite s${RANG_STABILITE.get(t.jugement)}` },
  h("b", null, `Stabilité\u00a0: ${t.jugement}`), t.stabilite !== null && ` (${tronque(t.stabilite)})`,
  "\u00a0: ", AVERTISSEMENT.get(t.jugement));

// Combien de phrases portent au moins un code, et combien portent chacun.
const compterCodes = (phrases) => {
  const parCode = new Map();
  let codees = 0;
  for (const p of phrases) {
    const portes = new Set(MENTIONS_DE[p].map((m) => M.code[m]));
    if (portes.size) codees++;
    for (const c of portes) parCode.has(c) ? parCode.get(c).push(p) : parCode.set(c, [p]);
  }
  return { total: phrases.length, codees, parCode };
};

// Une liste repliée dont les verbatims ne se font qu'à l'ouverture.
const deplier = (classe, titre, phrases, rendre) => {
  const volet = h("details", { class: classe }, h("summary", null, titre));
  volet.addEventListener("toggle", () => volet.append(...listePaginee(phrases, rendre, 30)), { once: true });
  return volet;
};

const codesDuTheme = (phrases, reference) => {
  const ici = compterCodes(phrases);
  if (!ici.codees) return phrases.length ? h("p", { class: "couverture" }, "Aucune de ses phrases ne porte de code.") : null;
  const premiers = [...ici.parCode].sort((a, b) => b[1].length - a[1].length || a[0] - b[0]).slice(0, CODES_MONTRES);
  const attendu = (c) => (reference.parCode.get(c) || []).length * ici.total / reference.total;
  return h("div", { class: "couverture" },
    h("p", null, h("b", null, pourcent(ici.codees / ici.total)), " de ses phrases portent un code ",
      `(${pourcent(reference.codees / reference.total)} dans la portée). Codes les plus portés\u00a0:`),
    h("ul", null, premiers.map(([c, dites]) => h("li", null, deplier("code-du-theme",
      [nomCode(CODES[c]), " ", h("span", { class: "fois" }, compte(dites.length, "phrase"),
        ` (attendu\u00a0: ${nombre(attendu(c), attendu(c) < 10 ? 1 : 0)})`)],
      dites, (p) => verbatim(p, { mentions: MENTIONS_DE[p].filter((m) => M.code[m] === c), avecSource: true }))))));
};

// Un thème nettement moins codé que sa portée : de quoi faire un code nouveau.
const proposition = (p, t) => {
  const libres = t.phrases.filter((phrase) => !MENTIONS_DE[phrase].length);
  return h("article", { class: "theme" }, h("h4", null, t.libelle),
    h("p", { class: "couverture" }, h("b", null, pourcent(p.parts.codee)), ` de ses ${compte(p.phrases, "phrase")} portent un code, contre `,
      `${pourcent(p.parts.portee)} dans la portée. ${compte(p.entretiens, "entretien")} en parlent sans code.`,
      p.parts.hesitee > 0 && ` La machine a hésité à coder ${pourcent(p.parts.hesitee)} de ses phrases.`),
    stabilite(t), motsDuTheme(t),
    h("ol", { class: "verbatims courts", "aria-label": "Verbatims sans code" },
      p.verbatims.map((phrase) => verbatim(phrase, { avecSource: true }))),
    deplier("phrases-du-theme", `Lire les ${compte(libres.length, "phrase")} sans code`, libres, (phrase) => verbatim(phrase, { avecSource: true })));
};

const motsDuTheme = (t) => h("ul", { class: "mots", "aria-label": "Mots du thème" }, t.mots.map((mot) => h("li", null, mot)));

const horsGrille = (proposees, themes) => h("section", { class: "hors-grille", "aria-labelledby": "h-hors-grille" },
  h("h3", { id: "h-hors-grille", tabindex: "-1" }, "Ce que la grille ne prévoit pas"),
  h("p", { class: "aide" }, proposees.length
    ? [`Ces thèmes portent nettement moins de codes que l’ensemble des propos de la portée (au plus ${pourcent(D.proposes.rapport)} de la part moyenne, `,
      `test exact au risque de ${pourcent(D.proposes.risque)}) et ont des phrases sans code dans au moins ${nombre(D.proposes.entretiens)} entretiens. `,
      "Calculé sur tous les entretiens, sans les filtres. Ce sont des codes à discuter, pas des codes acquis\u00a0: une phrase sans code peut aussi ",
      "être une digression, ou une phrase que la machine a manquée. Lisez-les avant de compléter la grille."]
    : "Aucun thème de cette portée n’est nettement moins codé que l’ensemble de ses propos."),
  proposees.length > 0 && h("div", { class: "themes" }, proposees.map((p) => proposition(p, themes.find((t) => t.theme === p.theme)))));

const legendeStabilite = (accord) => h("details", { class: "lire" }, h("summary", null, "Comment lire la stabilité et les codes"),
  h("p", null, "Stabilité\u00a0: on refait les thèmes plusieurs fois en écartant chaque fois un cinquième des propos, par entretiens entiers ",
    "dès qu’il y en a cinq, et l’on mesure la part commune du thème et de celui qui lui ressemble le plus (indice de Jaccard moyen, de 0 à 1). ",
    `À partir de ${nombre(D.stabilite.stable, 2)}, stable\u00a0; sous ${nombre(D.stabilite.instable, 2)}, instable\u00a0; entre les deux, à confirmer. `,
    "Les thèmes d’un territoire sont éprouvés par les mêmes extraits que ceux de toute l’étude, dont ils viennent. ",
    accord !== null && `Pour toute la portée, l’accord entre les thèmes et ceux qu’on refait est de ${nombre(accord, 2)} (indice de Rand ajusté\u00a0: 1, les mêmes\u00a0; 0, le hasard).`),
  h("p", null, "Codes\u00a0: « attendu » dit combien de phrases porteraient le code si le thème prenait ses phrases au hasard dans la portée."));

function vueThemes(contenu) {
  const f = filtres();
  const connues = [...new Set(D.themes.map((t) => t.portee))];
  const portees = ["national", ...D.territoires.map(([id]) => id)].filter((p) => connues.includes(p));
  if (!portees.length) {
    contenu.replaceChildren(h("p", { class: "vide" }, "Cette analyse n’a pas cherché de thèmes."));
    return "aucun thème";
  }
  const portee = portees.includes(etat.q.get("portee")) ? etat.q.get("portee") : portees[0];
  const nomPortee = (p) => (p === "national" ? "National" : D.territoires[RANG_TERRITOIRE.get(p)][1]);
  const themes = D.themes.filter((t) => t.portee === portee).sort((a, b) => b.part - a.part);
  const horsTheme = 1 - themes.reduce((somme, t) => somme + t.part, 0);
  const plusGrande = Math.max(...themes.map((t) => t.part));
  const gardes = entretiensGardes(f).filter((e) => portee === "national" || E.territoire[e] === RANG_TERRITOIRE.get(portee));
  const reference = compterCodes(gardes.flatMap((e) => TOURS_DE[e].filter((t) => T.enquete[t]).flatMap((t) => PHRASES_DE[t])));
  const proposees = D.proposes && D.proposes.liste.filter((p) => p.portee === portee);
  const carte = (t) => {
    const phrases = t.phrases.filter((p) => garderEntretien(entretienDe(p), f));
    // Un verbatim par entretien : la première de ses phrases dans l'ordre du thème.
    const cites = phrases.filter((p, i) => phrases.findIndex((q) => entretienDe(q) === entretienDe(p)) === i).slice(0, 3);
    return h("article", { class: "theme" }, h("h3", null, t.libelle),
      h("p", { class: "part-theme" }, h("span", { class: "piste", "aria-hidden": "true" },
        h("span", { class: "m0", variables: { "--part": t.part / plusGrande } })),
        h("b", null, pourcent(t.part, 1)), ` des phrases\u00a0· ${compte(phrases.length, "phrase")}`,
        `, ${compte(new Set(phrases.map(entretienDe)).size, "entretien")}`),
      stabilite(t),
      etatDuTheme(t), motsDuTheme(t), quiEnParle(phrases, gardes), codesDuTheme(phrases, reference),
      proposees && proposees.some((p) => p.theme === t.theme) &&
        h("p", { class: "couverture" }, "Nettement moins codé que la portée\u00a0: voir «\u00a0Ce que la grille ne prévoit pas\u00a0»."),
      phrases.length ? h("ol", { class: "verbatims courts", "aria-label": "Verbatims représentatifs" },
        cites.map((p) => verbatim(p, { avecSource: true, contexte: false })))
        : h("p", { class: "vide" }, "Aucune phrase avec ces filtres."),
      phrases.length > 3 && deplier("phrases-du-theme", `Lire les ${nombre(phrases.length)} phrases dans leur contexte`, phrases,
        (p) => verbatim(p, { avecSource: true })));
  };
  const aller = (id, nom) => h("button", { type: "button", clic: () => {
    const titre = document.getElementById(id);
    titre.scrollIntoView({ block: "start" });
    titre.focus({ preventScroll: true });
  } }, nom);
  const national = portee === "national";
  const sauts = [national && aller("h-lieu", "Par territoire"), national && aller("h-qui", "Par catégorie d’acteurs"),
    proposees && proposees.length > 0 && aller("h-hors-grille", `Ce que la grille ne prévoit pas (${nombre(proposees.length)})`)];
  contenu.replaceChildren(...[
    h("nav", { class: "portees", "aria-label": "Portée des thèmes" }, portees.map((p, rang) => h("a",
      { href: lienIci({ theme: "", lieu: "", qui: "", portee: p === "national" ? "" : p }), "aria-current": p === portee ? "true" : null, "data-cle": `portee-${rang}` }, nomPortee(p)))),
    horsTheme > 0.0005 && h("p", { class: "aide" }, `${pourcent(horsTheme, 1)} des phrases ne sont rangées dans aucun thème.`),
    h("div", { class: "bilan-themes" }, bilanStabilite(themes), sauts, legendeStabilite(themes[0].accord)),
    !national && distinctions(portee, themes), carteDesThemes(portee, themes),
    h("div", { class: "themes" }, themes.map(carte)), ...(national ? comparaisons(f) : []),
    proposees && horsGrille(proposees, themes)].filter(Boolean));
  return `${nomPortee(portee)} : ${compte(themes.length, "thème")}`;
}

// « 12 thèmes : 1 stable, 4 à confirmer, 7 instables » : l'avertissement d'ensemble.
const ACCORDS = { stable: ["stable", "stables"], instable: ["instable", "instables"], "non mesurée": ["non éprouvé", "non éprouvés"] };
const bilanStabilite = (themes) => {
  const dits = D.stabilite.mots.map(([mot]) => [ACCORDS[mot] || [mot, mot], themes.filter((t) => t.jugement === mot).length]);
  return h("p", null, `${compte(themes.length, "thème")}\u00a0: `,
    h("b", null, dits.filter(([, n]) => n).map(([[un, plusieurs], n]) => compte(n, un, plusieurs)).join(", ")), ".");
};
