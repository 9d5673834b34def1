// La mise en route : une adresse, une vue.

const RENDRE = {
  nationale: vueNationale, constats: vueConstats, estimations: vueEstimations, matrice: vueMatrice, themes: vueThemes, questionnaire: vueQuestionnaire, vocabulaire: vueVocabulaire, concordances: vueConcordances,
  entretiens: vueEntretiens, entretien: vueEntretien, recherche: vueRecherche, apropos: () => "",
};
const ONGLET_DE = { entretien: "entretiens", concordances: "vocabulaire" }; // les vues qui n'ont pas leur propre onglet
const defilements = new Map(); // étape de l'historique → hauteur de page quand on l'a quittée
let etape = 0;
let precedent = null; // ce qui était montré avant : { vue, code, lieu, id, phrase }

function actualiser() {
  etat = lireAdresse();
  const montre = { vue: etat.vue, ...Object.fromEntries(["code", "lieu", "id", "phrase", "portee", "theme", "qui"].map((c) => [c, etat.q.get(c) || ""])) };
  const focus = document.activeElement?.dataset?.cle;
  for (const vue of VUES) document.getElementById(`vue-${vue}`).hidden = vue !== etat.vue;
  for (const onglet of document.querySelectorAll(".onglets a")) {
    const vue = onglet.dataset.vue, ici = vue === (ONGLET_DE[etat.vue] || etat.vue);
    onglet.setAttribute("href", lien(vue));
    ici ? onglet.setAttribute("aria-current", "page") : onglet.removeAttribute("aria-current");
  }
  accorderFiltres();
  ajuster();
  const section = document.getElementById(`vue-${etat.vue}`), titre = section.querySelector("h2");
  const bilan = RENDRE[etat.vue](section.querySelector("[data-contenu]"));
  document.title = `${titre.textContent} – ${D.titre}`;
  document.getElementById("annonce").textContent = bilan;

  const memeVue = precedent && precedent.vue === montre.vue && precedent.id === montre.id;
  const cle = (m) => (m.vue === "themes" ? cleDuTheme(m) : `case-${RANG_CODE.get(m.code)}-${m.lieu ? RANG_TERRITOIRE.get(m.lieu) : "tous"}`);
  const ouvert = (m) => ((m.vue === "matrice" && m.code) || (m.vue === "themes" && m.theme) ? cle(m) : "");
  const retrouver = (c) => c && section.querySelector(`[data-cle="${c}"]`);
  const avant = precedent;
  precedent = montre;
  const visee = section.querySelector(".visee");
  if (ouvert(montre) && (!memeVue || ouvert(avant) !== ouvert(montre))) {
    section.querySelector(".panneau h3")?.focus({ preventScroll: true });
    section.querySelector(".panneau")?.scrollIntoView({ block: "nearest" });
  } else if (memeVue && ouvert(avant) && !ouvert(montre)) {
    retrouver(cle(avant))?.focus();
  } else if (visee && !(memeVue && avant.phrase === montre.phrase)) {
    visee.scrollIntoView({ block: "center" });
    visee.focus({ preventScroll: true });
  } else if (memeVue) {
    retrouver(focus)?.focus({ preventScroll: true });
  } else if (avant) {
    window.scrollTo(0, 0);
    titre.focus({ preventScroll: true });
  }
  document.documentElement.dataset.montre = location.hash; // la vue affichée est bien celle de l'adresse
}

// Une étape connue est un retour : on y retrouve la hauteur où on l'avait laissée.
function naviguer() {
  defilements.set(etape, hauteur);
  const connue = history.state?.etape;
  actualiser();
  if (connue !== undefined) {
    etape = connue;
    window.scrollTo(0, defilements.get(etape) || 0);
  } else {
    etape = Math.max(0, ...defilements.keys()) + 1;
    history.replaceState({ etape }, "");
  }
}
let hauteur = 0;
window.addEventListener("scroll", () => { hauteur = window.scrollY; }, { passive: true });
history.scrollRestoration = "manual";
history.replaceState({ etape }, "");
window.addEventListener("hashchange", naviguer);

document.addEventListener("keydown", (evenement) => {
  if (evenement.key !== "Escape") return;
  if (etat.vue === "matrice" && etat.q.get("code")) location.hash = lienIci({ code: "", lieu: "" });
  if (etat.vue === "themes" && etat.q.get("theme")) location.hash = lienIci({ theme: "", lieu: "", qui: "" });
});
document.getElementById("evitement").addEventListener("click", (evenement) => {
  evenement.preventDefault();
  document.getElementById("contenu").focus();
});
const frappe = (vue, formulaire, champ, plus = {}) => {
  let attente;
  const chercher = () => etat.vue === vue && remplacer({ q: document.getElementById(champ).value.trim(), ...plus });
  document.getElementById(champ).addEventListener("input", () => {
    clearTimeout(attente);
    attente = setTimeout(chercher, 200);
  });
  document.getElementById(formulaire).addEventListener("submit", (evenement) => {
    evenement.preventDefault();
    clearTimeout(attente);
    chercher();
  });
};
frappe("recherche", "formulaire-recherche", "q-recherche");
frappe("entretiens", "formulaire-entretiens", "q-entretiens");
frappe("concordances", "formulaire-concordances", "q-concordances", { lemme: "", classe: "" });
document.getElementById("tri-concordances").addEventListener("change", ({ target }) => remplacer({ tri: target.value === "texte" ? "" : target.value }));
document.getElementById("questions-concordances").addEventListener("change", ({ target }) => remplacer({ questions: target.checked ? "1" : "" }));
document.getElementById("q-questions").addEventListener("change", ({ target }) =>
  remplacer({ q: document.getElementById("q-recherche").value.trim(), questions: target.checked ? "1" : "" }));

// À l'impression, la page se lit sans clic : les listes repliées s'ouvrent.
window.addEventListener("beforeprint", () => document.querySelectorAll("main details:not(.code-du-theme)").forEach((d) => { d.open = true; }));

document.querySelector(".onglets").hidden = false;
document.getElementById("volet-filtres").open = window.matchMedia("(min-width: 60rem)").matches;
actualiser();
