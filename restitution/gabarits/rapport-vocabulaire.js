// La vue du vocabulaire : classes de Reinert, spécificités, similitudes, plan factoriel, saturation.

const V = D.vocabulaire;
const PARTIES_VOCABULAIRE = {
  classes: ["Classes de Reinert", partieClasses], specificites: ["Spécificités", partieSpecificites],
  similitudes: ["Similitudes", partieSimilitudes], afc: ["Analyse factorielle", partieAfc],
  saturation: ["Saturation", partieSaturation],
};
const VARIABLES = { territoire: ["Territoire", (id) => D.territoires[RANG_TERRITOIRE.get(id)][1]], categorie: ["Catégorie d’acteurs", nomCategorie] };
const GENRES_COMPTES = { code: ["code", "codes", "codes de la grille"], theme: ["thème", "thèmes", "thèmes nationaux"] };

const navigationVocabulaire = (courante) => h("nav", { class: "portees", "aria-label": "Parties du vocabulaire" },
  [...Object.entries(PARTIES_VOCABULAIRE).map(([cle, [nom]]) => [cle, nom, lien("vocabulaire", { partie: cle === "classes" ? "" : cle })]),
    ["concordances", "Concordances", lien("concordances")]].map(([cle, nom, href]) =>
    h("a", { href, "aria-current": cle === courante ? "true" : null, "data-cle": `partie-${cle}` }, nom)));

const figureDe = (nom) => (V.images[nom] ? figureSvg(V.images[nom], `${nom}.svg`) : null);

// Une forme mène aux phrases qui l'emploient, dans une classe, un territoire ou une catégorie d'acteurs.
const versForme = (forme, ou = {}) => lien("concordances", { ter: "", cat: "", lemme: forme, ...ou });
const lienForme = (forme, ou) => (V.emplois[forme] ? h("a", { href: versForme(forme, ou) }, forme) : forme);

const tableauChiffre = (legende, titres, lignes, classe = "chiffree") => tableau(`liste ${classe}`, legende,
  h("tr", null, titres.map((t) => h("th", { scope: "col" }, t))),
  h("tbody", null, lignes.map(([premiere, ...autres]) => h("tr", null, h("th", { scope: "row" }, premiere), autres.map((valeur) => h("td", { class: classe === "chiffree" ? "nombre" : null }, valeur))))));
const decimal = (valeur, decimales = 1) => (valeur === null ? "–" : nombre(valeur, decimales).replace("-", "−"));

const segmentCite = (phrases) => h("li", { class: "verbatim" }, h("p", { class: "source" }, source(phrases[0])),
  h("blockquote", null, phrases.map(texteDe).join(" ")),
  h("p", { class: "reference" }, lienEntretien(phrases[0]), ` · tour ${nombre(T.tour[P.tour[phrases[0]]])}`,
    P.id[phrases[0]] && ` · ${P.id[phrases[0]]}`, phrases.length > 1 && P.id[phrases.at(-1)] && ` à ${P.id[phrases.at(-1)]}`));

const carteClasse = (c) => h("article", { class: "theme", id: `classe-${c.classe}` }, h("h3", null, `Classe ${c.classe}\u00a0: ${c.libelle}`),
  h("p", { class: "part-theme" }, h("b", null, pourcent(c.part, 1)), ` des segments classés\u00a0· ${compte(c.segments, "segment")}, ${compte(c.entretiens, "entretien")}`),
  h("p", { class: "couverture" }, h("b", null, `Stabilité\u00a0: ${c.jugement}`), c.stabilite !== null && ` (${nombre(Math.floor(c.stabilite * 100) / 100, 2)})`),
  h("h4", null, "Formes les plus propres"),
  h("ul", { class: "mots" }, c.formes.slice(0, 20).map(([forme, effectif, total, khi2]) =>
    h("li", { title: `${nombre(effectif)} des ${compte(total, "segment")} qui l’emploient` }, lienForme(forme, { classe: String(c.classe) }), h("small", null, ` ${decimal(khi2, 0)}`)))),
  c.formes.length > 20 && h("details", { class: "phrases-du-theme" }, h("summary", null, `Tableau des ${nombre(c.formes.length)} premières formes`),
    tableauChiffre(`Formes de la classe ${c.classe}`, ["Forme", "Segments de la classe", "Segments en tout", "χ²"],
      c.formes.map(([forme, effectif, total, khi2]) => [lienForme(forme, { classe: String(c.classe) }), nombre(effectif), nombre(total), decimal(khi2)]))),
  h("h4", null, "Qui en parle plus, qui en parle moins"),
  c.variables.length ? tableauChiffre(`Variables liées à la classe ${c.classe} (p < 0,05)`, ["Territoire ou catégorie", "Segments", "sur", "χ²"],
    c.variables.map(([genre, element, effectif, total, khi2]) => [VARIABLES[genre][1](element), nombre(effectif), nombre(total), decimal(khi2)]))
    : h("p", { class: "aide" }, "Aucun territoire ni aucune catégorie d’acteurs ne s’en distingue."),
  h("h4", null, "Segments caractéristiques"),
  h("ol", { class: "verbatims courts" }, c.caracteristiques.slice(0, 3).map(segmentCite)),
  c.caracteristiques.length > 3 && h("details", { class: "phrases-du-theme" }, h("summary", null, `Lire ${compte(c.caracteristiques.length - 3, "autre segment", "autres segments")}`),
    h("ol", { class: "verbatims" }, c.caracteristiques.slice(3).map(segmentCite))));

function partieClasses() {
  if (!V.classes.length) return [h("p", { class: "vide" }, "Trop peu de propos, ou des propos trop semblables, pour en faire des classes.")];
  const classes = V.classes.reduce((somme, c) => somme + c.segments, 0);
  return [
    h("p", { class: "aide" }, `Classification descendante de Reinert (Alceste, IRaMuTeQ)\u00a0: ${compte(V.segments, "segment")} d’une quarantaine de mots, `,
      `${nombre(classes)} classés, d’après les formes pleines qu’ils ont en commun. À côté d’une forme, son χ²\u00a0: plus il est grand, plus elle est propre à la classe.`),
    figureDe("dendrogramme"),
    h("details", { class: "lire" }, h("summary", null, `Pourquoi ${compte(V.classes.length, "classe")}`),
      h("p", null, "L’arbre descend jusqu’à dix classes. On garde ses divisions l’une après l’autre, tant qu’elles opposent les segments plus que le hasard (χ² plus grand que ceux de dix-neuf tirages), ",
        "que les deux classes d’une division se retrouvent en moyenne à moitié quand on refait l’arbre sans un cinquième des entretiens (indice de Jaccard de 0,50), et que chaque classe réunit au moins ",
        "5\u202f% des segments\u00a0; deux classes au moins. Pour imposer un autre nombre\u00a0: classes_reinert, dans etude.toml."),
      h("p", null, "Stabilité d’une classe\u00a0: la part qu’elle garde en commun avec celle qui lui ressemble le plus quand on refait l’arbre. ",
        `À partir de ${nombre(V.seuils[0], 2)}, stable\u00a0; sous ${nombre(V.seuils[1], 2)}, instable\u00a0: une piste à vérifier dans les segments, pas un résultat.`),
      tableauChiffre("Chaque division, éprouvée", ["Classes", "χ² de la division", "χ² du hasard", "Part de la plus petite classe", "Stabilité de la division", "Accord (Rand ajusté)", "Gardé"],
        V.coupes.map(([k, khi2, hasard, part, stable, accord, garde]) => [nombre(k), decimal(khi2, 0), decimal(hasard, 0), pourcent(part, 1), decimal(stable, 2), decimal(accord, 2), garde ? "oui" : ""]))),
    h("div", { class: "themes" }, V.classes.map(carteClasse)),
  ];
}

function partieSpecificites() {
  if (!V.parties.length) return [h("p", { class: "vide" }, "Il faut au moins deux territoires ou deux catégories d’acteurs à comparer.")];
  const cle = (p) => `${p.variable}:${p.partie}`;
  const choisie = V.parties.find((p) => cle(p) === etat.q.get("de")) || V.parties[0];
  const nom = VARIABLES[choisie.variable][1](choisie.partie), ou = { [choisie.variable === "territoire" ? "ter" : "cat"]: choisie.partie };
  const choix = h("select", { id: "choix-partie", "data-cle": "choix-partie" }, Object.entries(VARIABLES).map(([variable, [titre, nommer]]) => {
    const siennes = V.parties.filter((p) => p.variable === variable);
    return siennes.length > 0 && h("optgroup", { label: titre }, siennes.map((p) => h("option", { value: cle(p), selected: p === choisie }, nommer(p.partie))));
  }));
  choix.addEventListener("change", () => { location.hash = lienIci({ de: choix.value }); });
  const table = (legende, lignes) => (lignes.length ? tableauChiffre(legende, ["Forme", "Emplois", "Attendus", "Entretiens", "Dans toute l’étude", "Score"],
    lignes.map(([forme, effectif, entretiens, total, attendu, score]) => [lienForme(forme, ou), nombre(effectif), decimal(attendu), nombre(entretiens), nombre(total), decimal(score)]))
    : h("p", { class: "vide" }, `${legende}\u00a0: aucune.`));
  return [
    h("p", { class: "outils" }, h("label", { for: "choix-partie" }, "Vocabulaire de "), choix),
    h("p", { class: "aide" }, "Spécificités de Lafon\u00a0: la forme est-elle employée ici plus, ou moins, que si tous les mots de l’étude étaient répartis au hasard\u00a0? ",
      `Un score de ${decimal(V.score, 0)} veut dire une chance sur cent, de 3, une sur mille. Une seule personne qui répète un mot suffit à le rendre spécifique\u00a0: voyez combien d’entretiens l’emploient, et suivez le lien d’une forme pour lire ses emplois.`),
    figureDe(choisie.image),
    h("div", { class: "cote-a-cote" }, table(`Formes suremployées\u00a0: ${nom}`, choisie.plus), table(`Formes sous-employées\u00a0: ${nom}`, choisie.moins)),
  ];
}

function partieSimilitudes() {
  if (!V.images.similitudes) return [h("p", { class: "vide" }, "Trop peu de formes employées ensemble pour en faire un graphe.")];
  return [
    h("p", { class: "aide" }, "Deux formes sont liées par le nombre de segments qui les emploient toutes deux. Du graphe des formes les plus fréquentes, on garde l’arbre des liens les plus forts\u00a0; ",
      "une couleur par communauté, un mot d’autant plus gros qu’il est fréquent."),
    figureDe("similitudes"),
    h("div", { class: "cote-a-cote" },
      tableauChiffre("Communautés de formes", ["Communauté", "Formes"], V.communautes.filter((c) => c.length > 1)
        .map((formes, rang) => [nombre(rang + 1), formes.map((f, i) => [i > 0 && ", ", lienForme(f)])]), "communautes"),
      tableauChiffre("Liens les plus forts de l’arbre", ["Formes", "Segments communs", "Jaccard"],
        V.liens.map(([une, autre, communs, jaccard]) => [[lienForme(une), " – ", lienForme(autre)], nombre(communs), decimal(jaccard, 2)]))),
  ];
}

function partieAfc() {
  if (!V.points.length) return [h("p", { class: "vide" }, "Il faut au moins deux territoires pour une analyse factorielle.")];
  const axe = (rang) => `axe ${rang}`;
  return [
    h("p", { class: "aide" }, "Analyse factorielle des correspondances du tableau formes × territoires. Deux territoires proches emploient les mêmes formes dans les mêmes proportions\u00a0; ",
      "une forme est du côté des territoires qui l’emploient le plus. Un point mal représenté (qualité faible) ne se lit pas."),
    figureDe("plan_afc") || h("p", { class: "aide" }, "Il n’y a qu’un axe\u00a0: deux territoires ne font pas un plan."),
    h("div", { class: "cote-a-cote" },
      tableauChiffre("Place des territoires", ["Territoire", "Axe 1", "Contribution", "Axe 2", "Contribution", "Qualité"],
        V.points.map(([element, x, apportX, , y, apportY, , qualite]) => [VARIABLES.territoire[1](element), decimal(x, 2), x === null ? "–" : pourcent(apportX), decimal(y, 2), y === null ? "–" : pourcent(apportY), decimal(qualite, 2)])),
      tableauChiffre("Ce que rend chaque axe", ["Axe", "Part de l’inertie", "Part cumulée"],
        V.axes.map(([rang, , part, cumul]) => [axe(rang), pourcent(part, 1), pourcent(cumul, 1)]))),
  ];
}

function partieSaturation() {
  return [
    h("p", { class: "aide" }, "Ce que chaque entretien de plus apporte encore de nouveau. Règle de Guest, Namey et Chen (2020)\u00a0: la saturation est atteinte quand deux entretiens de suite ",
      "n’apportent pas plus de 5\u202f% de ce qu’avaient donné les quatre premiers. Deux réserves\u00a0: avec une grille écrite d’avance, on mesure la vitesse à laquelle elle se remplit\u00a0; et un code posé à tort par la machine passe pour nouveau. ",
      "Quant aux thèmes, ils ont été tirés de tous les entretiens\u00a0: presque chacun en touche plusieurs, et la courbe sature vite."),
    ...V.saturation.flatMap((s) => {
      const [, pluriel, entier] = GENRES_COMPTES[s.element], atteinte = s.atteinte[0];
      return [h("section", { class: "saturation", "aria-labelledby": `h-saturation-${s.element}` },
        h("h3", { id: `h-saturation-${s.element}` }, `Saturation en ${entier}`),
        h("p", null, atteinte ? [h("b", null, `Atteinte après ${compte(atteinte[0], "entretien")}`), ` (${nombre(atteinte[0])} + 2)\u00a0: ${atteinte[1]} et ${atteinte[2]} n’apportent que ${nombre(atteinte[3])} sur les ${nombre(atteinte[4])} des quatre premiers.`]
          : h("b", null, "Pas atteinte."), ` ${nombre(s.total)} ${pluriel} rencontrés en ${compte(s.entretiens, "entretien")}.`),
        figureDe(`saturation_${s.element === "code" ? "codes" : "themes"}`),
        s.apports.length > 0 && h("details", { class: "lire" }, h("summary", null, `Les entretiens qui ont apporté du nouveau (${nombre(s.apports.length)})`),
          tableauChiffre(`${pluriel[0].toUpperCase()}${pluriel.slice(1)} nouveaux par entretien`, ["Entretien", "Rang", "Nouveaux", "En tout"],
            s.apports.map(([rang, id, nouveaux, cumul]) => [h("a", { href: lien("entretien", { id }) }, id), nombre(rang), nombre(nouveaux), nombre(cumul)]))))];
    }),
  ];
}

function vueVocabulaire(contenu) {
  if (!V) {
    contenu.replaceChildren(navigationVocabulaire(""), h("p", { class: "vide" }, "Cette analyse n’a pas mesuré le vocabulaire."));
    return "vocabulaire non mesuré";
  }
  const partie = PARTIES_VOCABULAIRE[etat.q.get("partie")] ? etat.q.get("partie") : "classes";
  contenu.replaceChildren(...[navigationVocabulaire(partie), ...PARTIES_VOCABULAIRE[partie][1]()].filter(Boolean));
  return PARTIES_VOCABULAIRE[partie][0];
}
