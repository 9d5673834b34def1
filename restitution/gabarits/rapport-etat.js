// L'adresse dit tout l'état de la page : #vue?filtres. Retour arrière, favoris et liens s'ensuivent.

const VUES = ["nationale", "constats", "estimations", "matrice", "themes", "questionnaire", "vocabulaire", "concordances", "entretiens", "entretien", "recherche", "apropos"];
const COMMUNS = ["ter", "cat", "mod", "cod", "conf"];
const FILTRES_DE = {
  nationale: COMMUNS, constats: [], estimations: [], matrice: COMMUNS, themes: ["cat"], questionnaire: [], vocabulaire: [], concordances: ["ter", "cat"], entretiens: ["ter", "cat"],
  entretien: ["mod", "cod", "conf"], recherche: ["ter", "cat"], apropos: [],
};

const lireAdresse = () => {
  const [vue, requete] = location.hash.slice(1).split(/\?(.*)/s);
  return { vue: VUES.includes(vue) ? vue : "nationale", q: new URLSearchParams(requete || "") };
};
let etat = lireAdresse();

const adresse = (vue, parametres) => {
  const texte = parametres.toString();
  return `#${vue}${texte ? "?" + texte : ""}`;
};
// Un lien vers une vue : garde les filtres communs, pose les paramètres donnés.
const lien = (vue, parametres = {}) => {
  const q = new URLSearchParams();
  for (const cle of COMMUNS) if (etat.q.get(cle)) q.set(cle, etat.q.get(cle));
  for (const [cle, valeur] of Object.entries(parametres)) valeur ? q.set(cle, valeur) : q.delete(cle);
  return adresse(vue, q);
};
// Un lien dans la vue courante : garde tout, change quelques paramètres.
const lienIci = (parametres) => {
  const q = new URLSearchParams(etat.q);
  for (const [cle, valeur] of Object.entries(parametres)) valeur ? q.set(cle, valeur) : q.delete(cle);
  return adresse(etat.vue, q);
};
// Change l'adresse sans ajouter d'étape à l'historique (pendant la frappe).
const remplacer = (parametres) => {
  history.replaceState(history.state, "", lienIci(parametres));
  actualiser();
};

// Les filtres demandés, réduits à ceux que la vue emploie.
const filtres = () => {
  const vaut = (cle) => (FILTRES_DE[etat.vue].includes(cle) ? etat.q.get(cle) || "" : "");
  const conf = Number(vaut("conf"));
  return {
    ter: RANG_TERRITOIRE.get(vaut("ter")), cat: vaut("cat"), mod: RANG_MODALITE.get(vaut("mod")),
    cod: vaut("cod"), conf: conf > 0 && conf <= 1 ? conf : 0,
  };
};

const garderEntretien = (e, f) =>
  (f.ter === undefined || E.territoire[e] === f.ter) && (!f.cat || E.categorie[e] === f.cat);
const garderMention = (m, f) =>
  (f.mod === undefined || M.modalite[m] === f.mod) &&
  (!f.cod || D.codeurs[M.codeur[m]] === f.cod) &&
  (M.confiance[m] === null || M.confiance[m] >= f.conf);
const mentionsGardees = (f) => M.phrase.map((_, m) => m)
  .filter((m) => garderMention(m, f) && garderEntretien(entretienDe(M.phrase[m]), f));
const entretiensGardes = (f) => E.id.map((_, e) => e).filter((e) => garderEntretien(e, f));

// Le formulaire des filtres, rempli une fois, accordé à l'adresse à chaque changement.
const formulaire = document.getElementById("formulaire-filtres");
const champ = (cle) => formulaire.elements.namedItem(cle);
champ("ter").append(...D.territoires.map(([id, nom]) => h("option", { value: id }, nom)));
champ("cat").append(...CATEGORIES.map((c) => h("option", { value: c }, nomCategorie(c))));
champ("mod").append(...D.modalites.map(([id, nom], r) => h("option", { value: id }, `${SYMBOLES[r]} ${nom}`)));
champ("cod").append(...D.codeurs.map((nom) => h("option", { value: nom }, nom)));

const accorderFiltres = () => {
  const employes = FILTRES_DE[etat.vue];
  const bloc = document.getElementById("filtres");
  bloc.hidden = employes.length === 0;
  let actifs = 0;
  for (const cle of COMMUNS) {
    const valeur = etat.q.get(cle) || (cle === "conf" ? "0" : "");
    const inutile = !employes.includes(cle) || (cle === "cod" && D.codeurs.length < 2);
    formulaire.querySelector(`[data-filtre="${cle}"]`).hidden = inutile;
    champ(cle).value = valeur;
    champ(cle).classList.toggle("actif", valeur !== "" && valeur !== "0");
    if (!inutile && etat.q.get(cle)) actifs++;
  }
  document.getElementById("f-conf-valeur").textContent = nombre(Number(champ("conf").value), 2);
  document.getElementById("filtres-actifs").textContent = actifs ? `(${compte(actifs, "actif")})` : "";
  const sans = document.getElementById("sans-filtre");
  sans.hidden = actifs === 0;
  sans.setAttribute("href", lienIci(Object.fromEntries(COMMUNS.map((cle) => [cle, ""]))));
};
formulaire.addEventListener("submit", (evenement) => evenement.preventDefault());
formulaire.addEventListener("input", ({ target }) => {
  if (target.name === "conf") document.getElementById("f-conf-valeur").textContent = nombre(Number(target.value), 2);
});
formulaire.addEventListener("change", ({ target }) => {
  location.hash = lienIci({ [target.name]: target.value === "0" ? "" : target.value });
});
