// Les thèmes d'un territoire à l'autre : images, parts par territoire et par catégorie, ce qui distingue un territoire.

const SIGNE = { plus: "▲", moins: "▼" };
const DIT_CONSTAT = { plus: "nettement plus qu’attendu", moins: "nettement moins qu’attendu" };
const ECARTS = D.ecarts ? D.ecarts.liste : [];

const THEMES_NATIONAUX = D.themes.filter((t) => t.portee === "national").sort((a, b) => b.part - a.part);
const nationalDe = (id) => THEMES_NATIONAUX.find((t) => t.theme === id);

const DITES_DE = E.id.map((_, e) => TOURS_DE[e].reduce((n, t) => n + (T.enquete[t] ? PHRASES_DE[t].length : 0), 0));

// Une image, de quoi l'enregistrer, et le tableau qui dit la même chose.
const imageDesThemes = (sorte, portee, equivalent) => {
  const image = (D.images_themes[sorte] || {})[portee];
  if (!image) return null;
  return figureSvg(image.svg, image.fichier, equivalent
    ? h("details", { class: "equivalent" }, h("summary", null, "Lire l’image dans un tableau"), equivalent())
    : h("span", { class: "aide" }, "Le tableau qui précède donne les mêmes chiffres."));
};

const tableauDeLaCarte = (themes) => tableau("liste", "Place des thèmes sur la carte",
  h("tr", null, ["Thème", "Part", "Axe 1", "Axe 2", "Qualité"].map((nom, rang) => h("th", { scope: "col", class: rang ? "nombre" : null }, nom))),
  h("tbody", null, themes.map((t) => h("tr", null, h("th", { scope: "row" }, t.libelle), h("td", { class: "nombre" }, pourcent(t.part, 1)),
    t.lieu.map((x) => h("td", { class: "nombre" }, signe(x, 2))), h("td", { class: "nombre" }, t.qualite === null ? "–" : pourcent(t.qualite))))));

const signe = (valeur, decimales) => (Number(valeur.toFixed(decimales)) < 0 ? "−" : "") + nombre(Math.abs(valeur), decimales);

const carteDesThemes = (portee, themes) => {
  const figure = imageDesThemes("carte", portee, () => tableauDeLaCarte(themes));
  return figure && h("section", { class: "carte-themes", "aria-label": "Carte des thèmes" }, figure,
    h("p", { class: "aide" }, "La place d’un thème résume mal ce qu’il dit quand sa qualité est faible (tableau)\u00a0: c’est la part de ",
      "ses écarts aux autres thèmes nationaux que la carte montre."));
};

// Un thème national en ligne, un groupe d'entretiens en colonne : la part des phrases du groupe.
const croiserThemes = ({ axe, titre, legende, groupes, constats, f }) => {
  const cases = new Map(), max = { part: 0 };
  for (const t of THEMES_NATIONAUX) for (const g of groupes) {
    const phrases = t.phrases.filter((p) => g.entretiens.has(entretienDe(p)));
    const part = g.dites ? phrases.length / g.dites : 0;
    max.part = Math.max(max.part, part);
    cases.set(`${t.theme} ${g.cle}`, { phrases, part, constat: constats && !f.cat ? constats.get(`${t.theme} ${g.cle}`) : "" });
  }
  const ouvert = (t, g) => etat.q.get("theme") === t.theme && etat.q.get(axe) === g.cle;
  const caseDe = (t, g) => {
    const { phrases, part, constat } = cases.get(`${t.theme} ${g.cle}`);
    const voix = new Set(phrases.map(entretienDe)).size;
    const dit = `${compte(phrases.length, "phrase")} sur ${nombre(g.dites)}, ${compte(voix, "entretien")} sur ${nombre(g.entretiens.size)}`
      + (constat ? `, ${DIT_CONSTAT[constat]}` : "");
    return h("td", { class: [phrases.length ? "" : "zero", ouvert(t, g) ? "courante" : ""].join(" ").trim() || null,
      variables: { "--part": max.part ? part / max.part : 0 } },
      h("a", { href: lienIci({ lieu: "", qui: "", theme: t.theme, [axe]: g.cle }), tabindex: "-1", "data-cle": cleDuTheme({ theme: t.theme, [axe]: g.cle }),
        "aria-current": ouvert(t, g) ? "true" : null, title: dit, "aria-label": `${t.libelle}, ${g.nom}\u00a0: ${pourcent(part, 1)}, ${dit}` },
        h("span", { class: "n" }, pourcent(part, 1), constat && h("b", { class: "constat" }, ` ${SIGNE[constat]}`))));
  };
  const table = tableau("croisee chaleur", [h("h3", { id: `h-${axe}`, tabindex: "-1" }, titre), legende],
    h("tr", null, h("th", { scope: "col" }, "Thème national"), groupes.map((g) => h("th", { scope: "col" },
      h("span", { class: "colonne" }, g.nom), h("small", null, `n = ${nombre(g.entretiens.size)}`)))),
    h("tbody", null, THEMES_NATIONAUX.map((t) => h("tr", null, h("th", { scope: "row" }, t.libelle), groupes.map((g) => caseDe(t, g))))));
  const t = nationalDe(etat.q.get("theme")), g = groupes.find((un) => un.cle === etat.q.get(axe));
  promener(table.querySelector("table"), t && g && cleDuTheme({ theme: t.theme, [axe]: g.cle }));
  return h("div", { class: t && g ? "plan ouvert" : "plan" }, table, t && g ? panneauTheme(t, g, cases.get(`${t.theme} ${g.cle}`)) : null);
};

const cleDuTheme = ({ theme, lieu, qui }) => `theme-${THEMES_NATIONAUX.findIndex((t) => t.theme === theme)}-`
  + (lieu ? `lieu-${RANG_TERRITOIRE.get(lieu)}` : `qui-${CATEGORIES.indexOf(qui)}`);

const panneauTheme = (t, g, { phrases, part, constat }) => h("section", { class: "panneau", "aria-labelledby": "h-panneau-theme" },
  h("header", null, h("h3", { id: "h-panneau-theme", tabindex: "-1" }, t.libelle, h("span", { class: "lieu" }, g.nom)),
    h("a", { class: "bouton", href: lienIci({ theme: "", lieu: "", qui: "" }) }, "Fermer")),
  h("p", { class: "compte" }, h("b", null, compte(phrases.length, "phrase")), ` sur ${nombre(g.dites)} (${pourcent(part, 1)}), `,
    h("b", null, compte(new Set(phrases.map(entretienDe)).size, "entretien")), ` sur ${nombre(g.entretiens.size)}`, constat && `\u00a0: ${DIT_CONSTAT[constat]}`, "."),
  phrases.length ? listePaginee(phrases, (p) => verbatim(p, { avecSource: true })) : h("p", { class: "vide" }, "Aucune phrase dans cette case avec ces filtres."));

const grouper = (cle, nom, entretiens) => ({ cle, nom, entretiens: new Set(entretiens), dites: entretiens.reduce((n, e) => n + DITES_DE[e], 0) });

// Les thèmes nationaux dans chaque territoire et chaque catégorie d'acteurs.
const comparaisons = (f) => {
  const gardes = entretiensGardes(f);
  const lieux = D.territoires.map(([id, nom], r) => grouper(id, nom, gardes.filter((e) => E.territoire[e] === r))).filter((g) => g.entretiens.size);
  const acteurs = CATEGORIES.map((c) => grouper(c, nomCategorie(c), gardes.filter((e) => E.categorie[e] === c))).filter((g) => g.entretiens.size);
  const constats = new Map(ECARTS.map((ecart) => [`${ecart.theme} ${ecart.territoire}`, ecart.constat]));
  const filtree = () => f.cat && h("p", { class: "aide" }, "L’image et les signes ▲ ▼ portent sur tous les entretiens, sans le filtre.");
  return [
    h("section", { class: "comparaison" }, croiserThemes({ axe: "lieu", f, titre: "Les thèmes nationaux dans chaque territoire",
      legende: "Part des phrases d’enquêtés du territoire rangées dans le thème", groupes: lieux, constats }),
      D.ecarts && h("p", { class: "aide" }, "▲ ▼\u00a0: nettement plus, nettement moins que ce qu’on attend des catégories d’acteurs rencontrées là ",
        `(au risque de ${pourcent(D.ecarts.risque)} de se tromper une fois par territoire). La page d’un territoire en donne le détail.`),
      filtree(), imageDesThemes("territoires", "national")),
    h("section", { class: "comparaison" }, croiserThemes({ axe: "qui", f, titre: "Qui parle de chaque thème",
      legende: "Part des phrases de chaque catégorie d’acteurs rangées dans le thème", groupes: acteurs }),
      filtree(), imageDesThemes("categories", "national"))];
};

// La part d'un thème chez chaque catégorie d'acteurs de la portée.
const quiEnParle = (phrases, gardes) => {
  const groupes = CATEGORIES.map((c) => grouper(c, nomCategorie(c), gardes.filter((e) => E.categorie[e] === c))).filter((g) => g.dites)
    .map((g) => ({ ...g, siennes: phrases.filter((p) => g.entretiens.has(entretienDe(p))) }));
  const max = Math.max(...groupes.map((g) => g.siennes.length / g.dites));
  return groupes.length > 0 && h("details", { class: "qui-en-parle" }, h("summary", null, "Qui en parle"),
    h("ul", null, groupes.sort((a, b) => b.siennes.length / b.dites - a.siennes.length / a.dites).map((g) => {
      const part = g.siennes.length / g.dites, voix = new Set(g.siennes.map(entretienDe)).size;
      return h("li", null, h("a", { href: lienIci({ cat: g.cle }) }, g.nom),
        h("span", { class: "piste", "aria-hidden": "true" }, h("span", { class: "m0", variables: { "--part": max ? part / max : 0 } })),
        h("span", null, h("b", null, pourcent(part, 1)), ` de ses phrases, ${nombre(voix)} sur ${compte(g.entretiens.size, "entretien")}`));
    })));
};

// Commun au national, ou propre au territoire.
const etatDuTheme = (t) => {
  if (t.portee === "national" || !THEMES_NATIONAUX.length) return null;
  const prolonge = nationalDe(t.national);
  return h("p", { class: "etat-theme" }, prolonge ? [h("b", null, "Commun"), `\u00a0: prolonge le thème national «\u00a0${prolonge.libelle}\u00a0»`]
    : [h("b", null, "Propre au territoire"), "\u00a0: il ne prolonge aucun thème national"]);
};

// Ce qui distingue un territoire : les thèmes dont on y parle plus, moins, seulement là, ou pas.
const distinctions = (portee, themes) => {
  const ecarts = ECARTS.filter((e) => e.territoire === portee);
  if (!ecarts.length) return null;
  const ranges = [...ecarts].sort((a, b) => (b.moyenne - b.attendue) - (a.moyenne - a.attendue));
  const lire = (e) => h("a", { href: lien("themes", { theme: e.theme, lieu: portee }) }, nationalDe(e.theme).libelle);
  const parts = (e) => h("span", { class: "fois" }, ` ${pourcent(e.moyenne, 1)} d’un entretien en moyenne, ${pourcent(e.attendue, 1)} attendus`);
  const restes = (e) => h("span", { class: "fois" }, ` ${compte(e.phrases, "phrase")}, ${compte(e.entretiens, "entretien")}`);
  const enEtat = (etat) => ecarts.filter((e) => e.etat === etat);
  const rubrique = (nom, elements, vide) => h("div", null, h("dt", null, nom),
    elements.length ? elements.map((un) => h("dd", null, un)) : h("dd", { class: "vide" }, vide));
  const nets = (constat) => ranges.filter((e) => e.constat === constat).map((e) => [lire(e), parts(e)]);
  const equivalent = () => tableau("liste", "Part de chaque thème national dans un entretien du territoire",
    h("tr", null, ["Thème national", "Moyenne", "Attendue", "Écart (points)", "p", "Constat"].map((nom, rang) =>
      h("th", { scope: "col", class: rang && rang < 5 ? "nombre" : null }, nom))),
    h("tbody", null, ranges.map((e) => h("tr", null, h("th", { scope: "row" }, nationalDe(e.theme).libelle),
      e.moyenne === null ? h("td", { class: "nombre", colspan: "3" }, "–") : [pourcent(e.moyenne, 1), pourcent(e.attendue, 1),
        signe(100 * (e.moyenne - e.attendue), 1)].map((texte) => h("td", { class: "nombre" }, texte)),
      h("td", { class: "nombre" }, e.p < 0.001 ? "< 0,001" : nombre(e.p, 3)),
      h("td", null, e.constat ? `${SIGNE[e.constat]} ${e.constat}` : "rien à conclure")))));
  return h("section", { class: "distinctions", "aria-labelledby": "h-distinctions" },
    h("h3", { id: "h-distinctions" }, "Ce qui distingue ce territoire"),
    h("dl", { class: "rubriques" },
      rubrique("▲ On y parle nettement plus de", nets("plus"), "Aucun écart net."),
      rubrique("▼ On y parle nettement moins de", nets("moins"), "Aucun écart net."),
      rubrique("Thèmes propres à ce territoire", themes.filter((t) => !nationalDe(t.national)).map((t) =>
        [t.libelle, h("span", { class: "fois" }, ` ${pourcent(t.part, 1)} des phrases, stabilité\u00a0: ${t.jugement}`)]), "Aucun."),
      rubrique("Thèmes nationaux dispersés (on en parle, sans thème à eux ici)", enEtat("dispersé").map((e) => [lire(e), restes(e)]), "Aucun."),
      rubrique("Thèmes nationaux absents", enEtat("absent").map((e) => nationalDe(e.theme).libelle), "Aucun\u00a0: chacun a des phrases ici.")),
    imageDesThemes("ecarts", portee, equivalent),
    h("details", { class: "lire" }, h("summary", null, "Comment lire ces écarts"),
      h("p", null, "Chaque entretien compte autant, court ou long\u00a0: une personne intarissable ne fait pas un écart. L’attendu est la part du thème si chacun en ",
        "parlait comme sa catégorie d’acteurs dans toute l’étude, ce territoire compris. Le test rebat les territoires entre les entretiens d’une même catégorie et compte ",
        `combien de fois l’écart est au moins aussi grand (permutation, correction de Holm, risque de ${pourcent(D.ecarts.risque)} de signaler à tort un écart dans le territoire). `,
        "Sans écart net, on ne sait pas\u00a0: avec une douzaine d’entretiens, seuls les gros écarts se voient."),
      h("p", null, "Absent\u00a0: aucune phrase n’en parle. Dispersé\u00a0: on en parle, trop peu pour qu’il ait son thème ici\u00a0; ses phrases sont ",
        "dans d’autres thèmes du territoire. Calculé sur tous les entretiens, sans les filtres.")));
};
