// La vue des estimations : ce que la machine a compté, et ce que l'échantillon codé à la main en corrige.

const P_EST = D.estimations && enObjets(D.estimations);
const MOD_EST = { toutes: "en parlent", presente: "le disent présent", absente: "le disent absent", hypothetique: "en parlent comme d’une hypothèse" };

const choix = (nom, cle, valeurs, ici, dire, premier) => valeurs.length > 1 && h("nav", { class: "portees", "aria-label": nom }, valeurs.map((v) => h("a",
  { href: lienIci({ [cle]: v === premier ? "" : v }), "aria-current": v === ici ? "true" : null, "data-cle": `e-${cle}-${v}` }, dire(v))));

const ligneEstimee = (l, portee) => {
  const code = CODES[l.code], mod = l.modalite === D.estimations.toutes ? "" : l.modalite;
  const sort = l.corrige !== null && (l.brut < l.corrige_bas || l.brut > l.corrige_haut);
  const decimales = l.unite === "phrases" ? 1 : 0; // un code prend peu des phrases
  const crochetsDe = (bas, haut) => crochets(100 * bas, 100 * haut, decimales);
  return h("tr", null,
    h("th", { scope: "row", title: code.definition }, h("a", { href: preuves(code, portee, { mod }) }, nomCode(code))),
    h("td", { "data-titre": "Comptage brut" }, h("a", { href: preuves(code, portee, { mod }) }, pourcent(l.brut, decimales)),
      sort && h("span", { class: "dit-en" }, "hors de l’intervalle")),
    h("td", { "data-titre": "Part corrigée" }, l.corrige === null ? h("span", { class: "dit-en" }, "trop peu de cas pour corriger")
      : [h("b", null, pourcent(l.corrige, decimales)), " ", crochetsDe(l.corrige_bas, l.corrige_haut), piste(l.corrige, l.corrige_bas, l.corrige_haut)]),
    h("td", { "data-titre": "Échantillon seul" }, `${nombre(l.portent)} sur ${nombre(l.tirees)}\u00a0: ${pourcent(l.echantillon, decimales)} `,
      l.echantillon_bas !== null && crochetsDe(l.echantillon_bas, l.echantillon_haut)));
};

const tableEstimee = ({ nom, codes }, lignes, portee) => {
  const siennes = lignes.filter((l) => codes.includes(CODES[l.code]))
    .sort((a, b) => (b.corrige ?? b.brut) - (a.corrige ?? a.brut) || a.code - b.code);
  return siennes.length > 0 && tableau("regards estimees", [h("h3", null, nom), "Des parts les plus grandes aux plus petites"],
    h("tr", null, ["Code", "Comptage brut", "Part corrigée", "Échantillon seul"].map((titre) => h("th", { scope: "col" }, titre))),
    siennes.map((l) => h("tbody", null, ligneEstimee(l, portee))));
};

const lireEstimations = () => {
  const { tirage, minimums } = D.estimations;
  return h("details", { class: "lire" }, h("summary", null, "Comment ces parts sont estimées"),
    h("p", null, `${nombre(tirage.taille || 0)} ${tirage.unite} ont été tirés au sort (plan ${tirage.plan}) et codés à la main. La part corrigée est ce que la machine prévoit sur toute l’étude, corrigé de l’écart constaté, sur ce tirage, entre les personnes et elle. L’intervalle à 95\u202f% vaut même si la machine se trompe beaucoup\u00a0: elle n’en décide que la largeur.`),
    h("p", null, `Le comptage brut est ce que la machine a posé. Quand il sort de l’intervalle, ses erreurs le faussent nettement. Une part n’est pas corrigée si moins de ${nombre(minimums.portent)} unités tirées portent le code, ou ne le portent pas, ou si moins de ${nombre(minimums.tirees)} ont été tirées\u00a0: reste l’échantillon seul.`),
    h("p", null, `Ce que l’intervalle ne dit pas\u00a0: les personnes interrogées n’ont pas été tirées au sort dans le pays. Machine du tirage\u00a0: ${tirage.machine}. Les liens mènent aux verbatims que compte ce rapport, sans les filtres.`));
};

function vueEstimations(contenu) {
  if (!P_EST) {
    const [machine, personnes] = [D.codeurs.some((_, rang) => estMachine(rang)), D.codeurs.some((_, rang) => !estMachine(rang))];
    const dit = !machine ? "Rien à estimer\u00a0: des personnes ont codé tout ce que ce rapport compte."
      : `Aucun échantillon codé à la main\u00a0: les parts de ce rapport ${personnes ? "réunissent ce que des personnes ont codé et, ailleurs," : "sont"} le comptage brut de la machine.`;
    contenu.replaceChildren(h("p", { class: "vide" }, dit));
    return "aucune estimation";
  }
  const { unites, modalites } = D.estimations;
  const lu = (cle, admis) => (admis.includes(etat.q.get(cle)) ? etat.q.get(cle) : admis[0]);
  const presentes = new Set(P_EST.map((l) => l.portee));
  const portees = ["national", ...D.territoires.map(([id]) => id)].filter((p) => p === "national" || presentes.has(p));
  const portee = lu("portee", portees), unite = lu("unite", unites), dite = lu("dite", modalites);
  const nomPortee = (p) => (p === "national" ? "National" : D.territoires[RANG_TERRITOIRE.get(p)][1]);
  const lignes = P_EST.filter((l) => l.portee === portee && l.unite === unite && l.modalite === dite);
  const corrigees = lignes.filter((l) => l.corrige !== null);
  const sorties = corrigees.filter((l) => l.brut < l.corrige_bas || l.brut > l.corrige_haut);
  const cle = (valeur, quoi) => h("div", null, h("dt", null, quoi), h("dd", null, valeur));
  contenu.replaceChildren(...[
    choix("Portée des estimations", "portee", portees, portee, nomPortee, "national"),
    choix("Unité", "unite", unites, unite, (u) => `Part des ${u}`, unites[0]),
    choix("Modalité", "dite", modalites, dite, (m) => `qui ${MOD_EST[m]}`, modalites[0]),
    h("dl", { class: "chiffres" }, cle(lignes.length ? `${nombre(lignes[0].tirees)} sur ${nombre(lignes[0].population)}` : "0", "unités codées à la main"),
      cle(`${nombre(corrigees.length)} sur ${nombre(lignes.length)}`, "parts corrigées"), cle(nombre(sorties.length), "comptages bruts hors de l’intervalle")),
    lireEstimations(),
    lignes.length ? GENRES.map((genre) => tableEstimee(genre, lignes, portee))
      : h("p", { class: "vide" }, "Rien n’a été posé ni trouvé ici.")].flat().filter(Boolean));
  return `${nomPortee(portee)} : ${nombre(corrigees.length)} parts corrigées sur ${nombre(lignes.length)}`;
}
