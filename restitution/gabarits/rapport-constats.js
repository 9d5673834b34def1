// La vue des constats : ce que l'ensemble des acteurs dit de chaque code, et ce qui distingue les configurations de territoires.

const enObjets = ({ colonnes, lignes }) => lignes.map((ligne) => Object.fromEntries(ligne.map((valeur, rang) => [colonnes[rang], valeur])));
const K = D.constats && Object.fromEntries(["regards", "regards_categories", "configurations", "table_verite", "formules_qca"].map((nom) => [nom, enObjets(D.constats[nom])]));
const CARACTERISTIQUES = { echelle: "Échelle", porteur: "Porteur", anciennete: "Ancienneté" };
const RANG_COTE = { presente: 0, absente: 1 };

// Les constats portent sur tous les entretiens et toutes les mentions : le lien vers les verbatims ôte les filtres.
const preuves = (code, portee, plus = {}) => lien("matrice", { ter: "", cat: "", mod: "", cod: "", conf: "", code: code.code,
  lieu: portee === "national" ? "" : portee, ...plus });

// Un effectif qui mène à ses verbatims ; zéro n'en a pas.
const effectif = (n, texte, href) => (n ? h("a", { href }, texte) : h("span", { class: "dit-rien" }, texte));
const cote = (rang, n, href) => h("span", { class: `modalite m${rang}` },
  h("span", { "aria-hidden": "true" }, SYMBOLES[rang] + "\u00a0"), effectif(n, `${D.modalites[rang][1]} ${nombre(n)}`, href));
const points = (ecart) => `${ecart > 0 ? "+" : ""}${signe(100 * ecart, 0)}`;

const avisEnClair = (code, l) => (D.avis[code.genre] || D.avis[""])[l.avis];
const DIT_ACCORD = { convergence: "Convergence", divergence: "Divergence" };
const DIT_VOIX = { entretien: "Voix isolée\u00a0: un seul entretien", categorie: "Voix isolée\u00a0: une seule catégorie" };

const positionsDe = (code, portee) => {
  const siennes = K.regards_categories.filter((p) => p.portee === portee && p.code === code.rang);
  return h("details", { class: "positions" }, h("summary", null, `Position de chaque catégorie sur ${code.code}`),
    h("ul", null, siennes.sort((a, b) => b.entretiens / b.sur - a.entretiens / a.sur).map((p) => {
      const vers = (mod) => preuves(code, portee, { cat: p.categorie, mod });
      return h("li", null, h("b", null, nomCategorie(p.categorie)),
        h("span", null, effectif(p.categorie && p.entretiens, `${nombre(p.entretiens)} sur ${compte(p.sur, "entretien")}`, vers(""))),
        p.entretiens > 0 && [0, 1].map((r) => cote(r, p.categorie && p[D.modalites[r][0]], vers(D.modalites[r][0]))),
        h("span", { class: "penche" }, !p.entretiens ? "n’en parle pas" : p.penche ? `penche vers «\u00a0${D.modalites[RANG_COTE[p.penche]][1]}\u00a0»` : "ne penche d’aucun côté"));
    })));
};

const ligneRegard = (l, portee) => {
  const code = CODES[l.code], national = portee === "national", vers = (mod) => preuves(code, portee, { mod });
  const dire = (texte) => h("span", { class: "dit-en" }, texte);
  return h("tbody", null, h("tr", null,
    h("th", { scope: "row", title: code.definition }, h("a", { href: preuves(code, portee) }, nomCode(code))),
    h("td", { "data-titre": "Entretiens" }, effectif(l.entretiens, `${nombre(l.entretiens)} sur ${nombre(l.sur)}`, preuves(code, portee)), " ",
      h("b", null, pourcent(l.part)), " ", crochets(100 * l.bas, 100 * l.haut), piste(l.part, l.bas, l.haut),
      dire(`${nombre(l.attendus, 1)} attendus`)),
    h("td", { "data-titre": "Qui, où" }, effectif(l.categories, compte(l.categories, "catégorie"), preuves(code, portee)),
      dire(`${nombre(l.appuyees)} ${l.appuyees < 2 ? "l’appuie" : "l’appuient"}, dont ${nombre(l.hors_pilotage)} hors pilotage`),
      national && effectif(l.territoires, compte(l.territoires, "territoire"), preuves(code, portee))),
    h("td", { "data-titre": "Avis" }, h("b", null, avisEnClair(code, l)), h("span", { class: "cotes" }, [0, 1].map((r) => [cote(r, l[D.modalites[r][0]], vers(D.modalites[r][0])), " "])),
      (l.accord || l.voix_isolee) && h("span", { class: `accord ${l.accord}` }, DIT_ACCORD[l.accord] || DIT_VOIX[l.voix_isolee]),
      l.accord === "divergence" && l.ecart !== null && dire([`écart ${nombre(l.ecart, 2)}`, l.p !== null && (l.p <= D.constats.risque
        ? `, plus grand que le hasard (p\u00a0ajusté ${nombre(l.p, 3)})` : `, qui peut venir du hasard (p\u00a0ajusté ${nombre(l.p, 2)})`)])),
    h("td", { "data-titre": "Retenu" }, l.retenu ? h("span", { class: "verdict v0" }, h("span", { "aria-hidden": "true" }, "✓\u00a0"), "retenu")
      : [h("span", { class: "verdict v3" }, "non retenu"), dire(l.raison)])),
  h("tr", { class: "suite-ligne" }, h("td", { colspan: 5 }, positionsDe(code, portee))));
};

const tableRegards = ({ nom, codes }, lignes, portee) => {
  const siennes = lignes.filter((l) => codes.includes(CODES[l.code])).sort((a, b) => b.attendus - a.attendus || a.code - b.code);
  return siennes.length > 0 && tableau("regards", [h("h3", null, nom), "Des plus portés aux moins portés, en nombre d’entretiens attendus"],
    h("tr", null, ["Code", "Entretiens qui en parlent", "Qui, où", "Avis", "Retenu"].map((titre) => h("th", { scope: "col" }, titre))),
    siennes.map((l) => ligneRegard(l, portee)));
};

const lireConstats = () => {
  const r = D.constats.regles, pilotes = r.pilotes.map((c) => D.categories[c] || c).join(", ");
  return h("details", { class: "lire" }, h("summary", null, "Comment ces constats sont faits"),
    h("p", null, `Un entretien compte pour un, court ou long. Un code est retenu quand l’ensemble des acteurs en parle\u00a0: un avis, ${compte(r.categories, "catégorie")} d’acteurs au moins, et ${pourcent(r.part)} de celles qu’on a interrogées, qui l’appuient, dont une hors du pilotage (${pilotes}), et, à l’échelle nationale, ${compte(r.territoires, "territoire")} au moins et ${pourcent(r.part)} d’entre eux. À cette échelle, une catégorie appuie un code quand ${compte(r.voix, "entretien")} en parlent, tous si elle en a moins\u00a0; dans un territoire, un suffit. Un avis est rendu quand ${compte(r.diversite, "catégorie")} d’acteurs au moins en parlent, que ${compte(r.entretiens, "entretien")} au moins l’affirment, et ${nombre(r.rapport)} fois plus que le contraire.`),
    h("p", null, `Convergence\u00a0: ${compte(r.categories, "catégorie")} au moins affirment la même chose, aucune le contraire. Divergence\u00a0: des catégories s’opposent. Une catégorie penche du côté que le plus de ses entretiens affirment. L’écart va de 0 (toutes disent pareil) à 1 (l’une toujours présent, l’autre toujours absent)\u00a0; il dépasse le hasard quand on n’en trouve presque jamais d’aussi grand en redistribuant les avis entre les entretiens d’un même territoire (risque de ${pourcent(D.constats.risque)} pour tous les codes).`),
    h("p", null, "Entre crochets, l’intervalle de Wilson à 95\u202f%\u00a0: ce que la part serait si l’on avait pu rencontrer d’autres personnes\u00a0; il ne corrige pas les erreurs du codeur. «\u00a0Attendus\u00a0»\u00a0: le nombre d’entretiens que donnent les confiances de la machine, hésitations comprises\u00a0; il range les codes mieux que le compte des mentions posées. Le silence n’est pas un non. Calculé sur tous les entretiens, sans les filtres."));
};

const lieuxDe = (code, liste) => liste.split(";").map((lieu, rang) => [rang ? ", " : "",
  h("a", { href: preuves(code, lieu) }, (D.territoires[RANG_TERRITOIRE.get(lieu)] || [lieu, lieu])[1])]);

const conclusion = (c) => {
  const code = CODES[c.code];
  return h("li", null, h("b", null, `${CARACTERISTIQUES[c.caracteristique]} «\u00a0${c.valeur}\u00a0» ${SIGNE[c.conclusion]}`), ` (${compte(c.territoires, "territoire")} contre ${nombre(c.autres)})\u00a0: on y parle nettement ${c.conclusion} de `,
    h("a", { href: preuves(code, "national") }, nomCode(code)),
    `\u00a0: ${pourcent(c.part)} des entretiens contre ${pourcent(c.part_autres)}, soit ${points(c.ecart)}\u00a0points `, crochets(100 * c.bas, 100 * c.haut), `, p\u00a0ajusté ${nombre(c.p_ajuste, 3)}.`);
};

const refus = (groupe) => {
  const [tete] = groupe, nom = `${CARACTERISTIQUES[tete.caracteristique]} «\u00a0${tete.valeur}\u00a0»`;
  const raisons = new Map();
  for (const c of groupe) raisons.set(c.raison, (raisons.get(c.raison) || 0) + 1);
  return h("details", { class: "refus" }, h("summary", null, `${nom}, ${compte(tete.territoires, "territoire")} contre ${nombre(tete.autres)}\u00a0: ${compte(groupe.length, "code")} sans conclusion`),
    h("ul", null, [...raisons].map(([raison, n]) => h("li", null, `${compte(n, "code")}\u00a0: ${raison}.`))),
    tete.part !== null && tableau("liste", `Parts moyennes d’entretiens qui parlent du code, à catégories d’acteurs égales\u00a0: ${nom}`,
      h("tr", null, ["Code", "Là", "Ailleurs", "Écart (points)", "Intervalle", "p ajusté"].map((titre, rang) => h("th", { scope: "col", class: rang ? "nombre" : null }, titre))),
      h("tbody", null, groupe.map((c) => h("tr", null, h("th", { scope: "row" }, h("a", { href: preuves(CODES[c.code], "national") }, nomCode(CODES[c.code]))),
        [pourcent(c.part), pourcent(c.part_autres), points(c.ecart), `${signe(100 * c.bas, 0)} à ${signe(100 * c.haut, 0)}`, nombre(c.p_ajuste, 3)].map((texte) => h("td", { class: "nombre" }, texte)))))));
};

// La formule d'un code, et pourquoi l'on n'en conclut rien.
const formuleDite = (f) => f && h("small", null, f.formule
  ? [`Formule\u00a0: ${f.formule} (cohérence ${pourcent(f.coherence)}, couverture ${pourcent(f.couverture)}). `] : "",
  h("b", null, f.conclusion === D.constats.non ? "Non concluant" : "Elle accompagne le code"), `\u00a0: ${f.raison || `p\u00a0ajusté ${nombre(f.p_ajuste, 3)}`}.`);

const tableVerite = () => {
  const formules = new Map(K.formules_qca.map((f) => [f.code, f]));
  const lignes = K.table_verite;
  if (!lignes.length) return h("p", { class: "aide" }, `Pas de table de vérité\u00a0: aucun code n’est présent dans ${compte(D.constats.regles.separe, "territoire")} au moins et absent d’autant, ou les caractéristiques des territoires manquent.`);
  const conditions = Object.keys(CARACTERISTIQUES).filter((nom) => lignes[0][nom]);
  return h("details", { class: "refus" }, h("summary", null, "Table de vérité\u00a0: quelles combinaisons de caractéristiques ont chaque code"),
    h("p", { class: "aide" }, `Seulement les codes qui séparent les territoires. Cohérence\u00a0: part des territoires de la combinaison qui ont le code\u00a0; une combinaison contradictoire n’explique rien. La formule est la plus courte qui rassemble les combinaisons où ${pourcent(D.constats.regles.coherence)} des territoires au moins ont le code\u00a0; avec si peu de territoires on en trouve toujours une, et l’on ne conclut que si le hasard en donnerait rarement d’aussi bonnes. ${compte(lignes[0].non_observees, "combinaison")} sur ${nombre(2 ** conditions.length)} ne se rencontrent pas\u00a0: on n’en sait rien.`),
    tableau("liste verite", "Combinaisons de caractéristiques et territoires où le code est dit présent",
      h("tr", null, [...conditions.map((nom) => CARACTERISTIQUES[nom]), "Ont le code", "Cohérence", "Couverture", "Territoires"].map((titre) => h("th", { scope: "col" }, titre))),
      [...new Set(lignes.map((l) => l.code))].map((rang) => h("tbody", null,
        h("tr", { class: "famille" }, h("th", { scope: "rowgroup", colspan: conditions.length + 4 }, h("span", null, nomCode(CODES[rang])), formuleDite(formules.get(rang)))),
        lignes.filter((l) => l.code === rang).map((l) => h("tr", null, conditions.map((nom, i) => h(i ? "td" : "th", i ? null : { scope: "row" }, l[nom])),
          h("td", null, `${nombre(l.positifs)} sur ${nombre(l.territoires)}`), h("td", null, pourcent(l.coherence), l.contradictoire && " (contradictoire)"),
          h("td", null, l.couverture === null ? "–" : pourcent(l.couverture)), h("td", null, lieuxDe(CODES[rang], l.liste))))))));
};

const sectionConfigurations = () => {
  const nettes = K.configurations.filter((c) => c.conclusion !== D.constats.non), par = new Map();
  for (const c of K.configurations.filter((un) => un.conclusion === D.constats.non)) {
    const cle = `${c.caracteristique} ${c.valeur}`;
    par.set(cle, [...(par.get(cle) || []), c]);
  }
  return h("section", { class: "configurations", "aria-labelledby": "h-configurations" },
    h("h3", { id: "h-configurations" }, "Ce qui distingue les configurations"),
    h("p", { class: "aide" }, "Le territoire est l’unité\u00a0: ceux d’une même échelle, d’un même porteur ou d’une même ancienneté sont comparés aux autres, à catégories d’acteurs égales. ",
      `Le test essaie toutes les autres répartitions des territoires\u00a0; le p est ajusté pour tous les codes et toutes les valeurs de la caractéristique (risque de ${pourcent(D.constats.risque)}).`),
    nettes.length ? h("ul", { class: "conclusions" }, nettes.map(conclusion))
      : h("p", { class: "vide" }, K.configurations.length ? "Aucune conclusion\u00a0: nul écart ne dépasse ce que le hasard peut faire avec si peu de territoires. Ce n’est pas une preuve d’absence d’écart."
        : "Aucune comparaison\u00a0: l’échelle, le porteur et l’année des territoires ne sont pas renseignés."),
    par.size > 0 && [h("h4", null, "Ce dont on ne peut rien conclure"), [...par.values()].map(refus)],
    tableVerite());
};

function vueConstats(contenu) {
  if (!K) {
    contenu.replaceChildren(h("p", { class: "vide" }, "Cette analyse n’a pas croisé les regards."));
    return "aucun constat";
  }
  const presentes = new Set(K.regards.map((l) => l.portee));
  const portees = ["national", ...D.territoires.map(([id]) => id)].filter((p) => presentes.has(p));
  const portee = portees.includes(etat.q.get("portee")) ? etat.q.get("portee") : "national";
  const nomPortee = (p) => (p === "national" ? "National" : D.territoires[RANG_TERRITOIRE.get(p)][1]);
  const lignes = K.regards.filter((l) => l.portee === portee), combien = (filtre) => nombre(lignes.filter(filtre).length);
  const cle = (valeur, quoi) => h("div", null, h("dt", null, quoi), h("dd", null, valeur));
  contenu.replaceChildren(...[
    h("nav", { class: "portees", "aria-label": "Portée des constats" }, portees.map((p) => h("a",
      { href: lienIci({ portee: p === "national" ? "" : p }), "aria-current": p === portee ? "true" : null, "data-cle": `k-${p}` }, nomPortee(p)))),
    h("dl", { class: "chiffres" }, cle(`${combien((l) => l.retenu)} sur ${nombre(lignes.length)}`, "codes retenus"),
      cle(combien((l) => l.accord === "convergence"), "convergences"), cle(combien((l) => l.accord === "divergence"), "divergences"),
      cle(combien((l) => l.voix_isolee), "voix isolées"), cle(combien((l) => !l.entretiens), "jamais évoqués")),
    lireConstats(), GENRES.map((genre) => tableRegards(genre, lignes, portee)),
    portee === "national" && sectionConfigurations()].flat().filter(Boolean));
  return `${nomPortee(portee)} : ${combien((l) => l.retenu)} codes retenus sur ${nombre(lignes.length)}`;
}
