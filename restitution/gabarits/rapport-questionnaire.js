// La vue du questionnaire : ce qu'il confirme, nuance ou contredit, et ses réponses question par question.

const Q = D.questionnaire;
const SYMBOLES_VERDICTS = ["✓", "≈", "✕", "?"];

const verdict = (nom) => {
  const rang = Q.verdicts.indexOf(nom);
  return h("span", { class: `verdict v${rang}` }, h("span", { "aria-hidden": "true" }, SYMBOLES_VERDICTS[rang] + "\u00a0"), nom);
};
const VERDICTS_COMPTES = ["codes confirmés", "codes nuancés", "codes contredits", "codes sans conclusion"];
const crochets = (bas, haut, decimales = 0) => h("span", { class: "crochets" }, `[${nombre(bas, decimales)}\u00a0; ${nombre(haut, decimales)}]`);

// Une part sur une piste de 0 à 100 % : l'intervalle, le point, et les seuils de majorité s'il y a lieu.
const piste = (part, bas, haut, seuils) => h("span", { class: "portee-part", "aria-hidden": "true" },
  seuils && [1 - Q.seuils.majorite, Q.seuils.majorite].map((s) => h("span", { class: "seuil", variables: { "--x": s } })),
  h("span", { class: "intervalle", variables: { "--bas": bas, "--haut": haut } }),
  h("span", { class: "point", variables: { "--x": part } }));

const dansLesEntretiens = (l) => [
  h("span", { class: "modalite m0" }, h("span", { "aria-hidden": "true" }, SYMBOLES[0] + "\u00a0"), `présente ${nombre(l.entretiens_presente)}`), " ",
  h("span", { class: "modalite m1" }, h("span", { "aria-hidden": "true" }, SYMBOLES[1] + "\u00a0"), `absente ${nombre(l.entretiens_absente)}`),
  l.part_entretiens !== null && piste(l.part_entretiens, l.part_entretiens, l.part_entretiens, true),
  h("span", { class: "dit-en" }, l.sens_entretiens || "sens indécis")];

const dansLeQuestionnaire = (l, national) => (l.part_questionnaire === null
  ? h("span", { class: "dit-en" }, l.questions ? "ne se prononce pas" : "aucune question")
  : [h("b", null, pourcent(l.part_questionnaire)), national && [" ", crochets(100 * l.bas, 100 * l.haut)],
    piste(l.part_questionnaire, l.bas, l.haut, true),
    h("span", { class: "dit-en" }, l.sens_questionnaire, national && `, ${compte(l.reponses, "Cité")}`)]);

const tableRapprochement = ({ nom, codes }, lignes, portee) => {
  const national = portee === "national";
  const parCode = new Map(lignes.map((l) => [l.code, l]));
  const montres = codes.filter((c) => parCode.has(c.code));
  return montres.length > 0 && tableau("rapproches", [h("h3", null, nom), national
    ? "Entretiens qui disent le code présent ou absent\u00a0; part redressée des Cités qui l’affirment, et son intervalle"
    : "Entretiens du territoire qui disent le code présent ou absent\u00a0; part des réponses de sa Cité qui l’affirment"],
  h("tr", null, ["Code", "Entretiens", "Questionnaire", "Verdict"].map((titre) => h("th", { scope: "col" }, titre))),
  h("tbody", null, montres.map((c) => {
    const l = parCode.get(c.code);
    return h("tr", null,
      h("th", { scope: "row", title: c.definition }, h("a", { href: lien("matrice", { code: c.code, lieu: national ? "" : portee }) }, nomCode(c))),
      h("td", null, dansLesEntretiens(l)), h("td", null, dansLeQuestionnaire(l, national)),
      h("td", null, verdict(l.verdict), h("span", { class: "dit-en" },
        l.verdict === Q.verdicts[3] ? l.raison
          : national && l.territoires_compares > 0 && `Territoires\u00a0: ${nombre(l.territoires_confirmes)} sur ${nombre(l.territoires_compares)} concordent`
            + (l.territoires_contredits ? `, ${nombre(l.territoires_contredits)} s’opposent` : ""))));
  })));
};

const reponseNombre = (mesure, redresse, bas, haut) => (mesure === "moyenne"
  ? [h("b", null, nombre(redresse, 1)), " en moyenne ", crochets(bas, haut, 1)]
  : [h("b", null, pourcent(redresse)), " ", crochets(100 * bas, 100 * haut), piste(redresse, bas, haut, false)]);

const tableReponses = () => tableau("reponses", [h("h3", null, "Réponses, question par question"),
  "Cités qui ont donné la réponse\u00a0; part redressée de la non-réponse, avec son intervalle\u00a0; bornes qui valent quoi qu’aient répondu les muettes"],
h("tr", null, ["Réponse", "Cités", "Part redressée", "Bornes sûres"].map((titre) => h("th", { scope: "col" }, titre))),
Q.questions.map(([libelle, type, reponses, lignes]) => h("tbody", null,
  h("tr", { class: "famille" }, h("th", { scope: "rowgroup", colspan: 4 }, h("span", null, libelle), " ",
    h("small", null, compte(reponses, "réponse"), [...new Set(lignes.map((l) => l[1]).filter(Boolean))].map((code) => ` · ${code}`)))),
  type === "texte" || !reponses
    ? h("tr", null, h("th", { scope: "row" }, type === "texte" ? "question ouverte" : "sans réponse"), h("td", null, nombre(reponses)), h("td", null, "–"), h("td", null, "–"))
    : lignes.map(([modalite, , mesure, effectif, redresse, bas, haut, certainBas, certainHaut]) => h("tr", null,
      h("th", { scope: "row" }, modalite || "nombre"), h("td", null, effectif === null ? nombre(reponses) : nombre(effectif)),
      h("td", null, reponseNombre(mesure, redresse, bas, haut)),
      h("td", null, certainBas === null ? "–" : `${nombre(100 * certainBas)} à ${pourcent(certainHaut)}`))))));

const commentLire = () => {
  const s = Q.seuils, part = pourcent(s.majorite), inverse = pourcent(1 - s.majorite);
  const [bas, haut] = Q.poids;
  return h("details", { class: "lire" }, h("summary", null, "Comment ces verdicts sont rendus, et ce que vaut le redressement"),
    h("p", null, `Un entretien qui se prononce vaut 1 s’il dit le code présent, 0 absent, un demi s’il dit les deux\u00a0; une Cité vaut la part de ses réponses qui affirment le code. À partir de ${part}, le sens est «\u00a0présente\u00a0»\u00a0; jusqu’à ${inverse}, «\u00a0absente\u00a0»\u00a0; entre les deux, «\u00a0partagée\u00a0». Même sens, le questionnaire confirme\u00a0; l’un partagé et l’autre non, il nuance\u00a0; sens opposés, il contredit. Un verdict n’est rendu que si tout l’intervalle le soutient.`),
    h("p", null, `Il ne permet pas de conclure quand moins de ${pourcent(s.territoires)} des territoires ont ${compte(s.entretiens, "entretien")} qui se prononcent, quand moins de ${compte(s.reponses, "Cité")} se prononcent, ou quand l’intervalle hésite. Le silence d’un entretien n’est pas un non\u00a0: il ne compte pas. Les entretiens ont été codés comme le reste du rapport\u00a0: lisez leurs verbatims avant d’opposer les deux sources.`),
    Q.population === null
      ? h("p", null, "Sans base de sondage, on ignore qui n’a pas répondu\u00a0: les parts ne sont pas redressées.")
      : h("p", null, Q.marges.length ? `Redressement\u00a0: calage sur ${Q.marges.join(", ")} (Deville et Särndal, 1992), poids de ${nombre(bas, 2)} à ${nombre(haut, 2)}, effet de plan ${nombre(Q.effet, 3)}. ` : "",
        `Intervalles à ${pourcent(Q.niveau)}, avec correction de population finie (${compte(Q.population, "Cité")}). Ils supposent que les Cités muettes ressemblent aux répondantes de mêmes catégories\u00a0; le redressement ne peut rien si elles se taisent pour une autre raison. Les bornes sûres, plus bas, ne supposent rien.`),
    Q.notes.map((note) => h("p", null, note)));
};

function vueQuestionnaire(contenu) {
  if (!Q) {
    contenu.replaceChildren(h("p", { class: "vide" }, "Cette étude n’a pas de questionnaire."));
    return "aucun questionnaire";
  }
  const presentes = new Set(Q.lignes.map((l) => l.portee));
  const portees = ["national", ...D.territoires.map(([id]) => id)].filter((p) => presentes.has(p));
  const portee = portees.includes(etat.q.get("portee")) ? etat.q.get("portee") : "national";
  const nomPortee = (p) => (p === "national" ? "National" : D.territoires[RANG_TERRITOIRE.get(p)][1]);
  const lignes = Q.lignes.filter((l) => l.portee === portee);
  const effectif = (v) => lignes.filter((l) => l.verdict === v).length;
  const cle = (valeur, quoi) => h("div", null, h("dt", null, quoi), h("dd", null, valeur));
  contenu.replaceChildren(...[
    h("nav", { class: "portees", "aria-label": "Portée du rapprochement" }, portees.map((p) => h("a",
      { href: lienIci({ portee: p === "national" ? "" : p }), "aria-current": p === portee ? "true" : null, "data-cle": `q-${p}` }, nomPortee(p)))),
    h("dl", { class: "chiffres" },
      cle(Q.population === null ? nombre(Q.repondantes) : `${nombre(Q.repondantes)} sur ${nombre(Q.population)}`, "Cités répondantes"),
      Q.verdicts.map((v, rang) => cle(nombre(effectif(v)), VERDICTS_COMPTES[rang]))),
    commentLire(),
    h("div", { class: "cote-a-cote" }, GENRES.map((genre) => tableRapprochement(genre, lignes, portee)).filter(Boolean)),
    portee === "national" && tableReponses()].filter(Boolean));
  return `${nomPortee(portee)} : ${Q.verdicts.map((v) => `${nombre(effectif(v))} ${v}`).join(", ")}`;
}
