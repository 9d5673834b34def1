// La mise en route : une adresse, une vue.

const RENDRE = {
  nationale: vueNationale, matrice: vueMatrice, themes: vueThemes, questionnaire: vueQuestionnaire, entretiens: vueEntretiens,
  entretien: vueEntretien, recherche: vueRecherche, apropos: () => "",
};
const defilements = new Map(); // étape de l'historique → hauteur de page quand on l'a quittée
let etape = 0;
let precedent = null; // ce qui était montré avant : { vue, code, lieu, id, phrase }

function actualiser() {
  etat = lireAdresse();
  const montre = { vue: etat.vue, ...Object.fromEntries(["code", "lieu", "id", "phrase", "portee"].map((c) => [c, etat.q.get(c) || ""])) };
  const focus = document.activeElement?.dataset?.cle;
  for (const vue of VUES) document.getElementById(`vue-${vue}`).hidden = vue !== etat.vue;
  for (const onglet of document.querySelectorAll(".onglets a")) {
    const vue = onglet.dataset.vue, ici = vue === etat.vue || (vue === "entretiens" && etat.vue === "entretien");
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
  const cle = (m) => `case-${RANG_CODE.get(m.code)}-${m.lieu ? RANG_TERRITOIRE.get(m.lieu) : "tous"}`;
  const retrouver = (c) => c && section.querySelector(`[data-cle="${c}"]`);
  const avant = precedent;
  precedent = montre;
  const visee = section.querySelector(".visee");
  if (montre.vue === "matrice" && montre.code && (!memeVue || avant.code !== montre.code || avant.lieu !== montre.lieu)) {
    document.getElementById("h-panneau")?.focus({ preventScroll: true });
    document.querySelector(".panneau")?.scrollIntoView({ block: "nearest" });
  } else if (montre.vue === "matrice" && memeVue && avant.code && !montre.code) {
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
  if (evenement.key === "Escape" && etat.vue === "matrice" && etat.q.get("code")) location.hash = lienIci({ code: "", lieu: "" });
});
document.getElementById("evitement").addEventListener("click", (evenement) => {
  evenement.preventDefault();
  document.getElementById("contenu").focus();
});
const frappe = (vue, formulaire, champ) => {
  let attente;
  const chercher = () => etat.vue === vue && remplacer({ q: document.getElementById(champ).value.trim() });
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
document.getElementById("q-questions").addEventListener("change", ({ target }) =>
  remplacer({ q: document.getElementById("q-recherche").value.trim(), questions: target.checked ? "1" : "" }));

// À l'impression, la page se lit sans clic : les listes repliées s'ouvrent.
window.addEventListener("beforeprint", () => document.querySelectorAll("main details:not(.code-du-theme)").forEach((d) => { d.open = true; }));

document.querySelector(".onglets").hidden = false;
document.getElementById("volet-filtres").open = window.matchMedia("(min-width: 60rem)").matches;
actualiser();
