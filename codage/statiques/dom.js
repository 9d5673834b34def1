/* Fabriquer des éléments sans jamais écrire de HTML : un texte d'entretien reste du texte. */

export function h(nom, proprietes = {}, ...enfants) {
  const element = document.createElement(nom);
  for (const [cle, valeur] of Object.entries(proprietes)) {
    if (valeur === null || valeur === undefined || valeur === false) continue;
    if (cle.startsWith("on")) element.addEventListener(cle.slice(2), valeur);
    else if (cle === "classe") element.className = valeur;
    else if (cle === "couleur") element.style.setProperty("--couleur", valeur);
    else if (cle in element && cle !== "list" && cle !== "form") element[cle] = valeur;
    else element.setAttribute(cle, valeur === true ? "" : valeur);
  }
  element.append(...enfants.flat(Infinity).filter((enfant) => enfant !== null && enfant !== undefined && enfant !== false));
  return element;
}

export const vider = (element, ...enfants) => (element.replaceChildren(...enfants.flat(Infinity).filter(Boolean)), element);

export function tableau(titre, colonnes, lignes) {
  return h("div", { classe: "large", tabIndex: 0, role: "region", "aria-label": titre },
    h("table", {}, h("caption", {}, titre),
      h("thead", {}, h("tr", {}, colonnes.map((c) => h("th", { scope: "col" }, c)))),
      h("tbody", {}, lignes.map((ligne) => h("tr", {}, ligne.map((v, rang) =>
        h(rang ? "td" : "th", rang ? {} : { scope: "row" }, v)))))));
}

export const nombre = (v, chiffres = 2) =>
  v === null || v === undefined ? "–" : v.toLocaleString("fr-FR", { minimumFractionDigits: chiffres, maximumFractionDigits: chiffres });
/* « 1 proposition », « 2 propositions » : le français met au pluriel à partir de deux. */
export const compter = (n, nom) => `${n} ${n < 2 ? nom : nom.split(" ").map((mot) => `${mot}s`).join(" ")}`;
export const pourcent = (v) => `${Math.round(100 * v)}\u202f%`;

let fermeture;
export function annoncer(texte, erreur = false) {
  const place = document.getElementById("annonce");
  place.className = erreur ? "erreur" : "";
  place.textContent = texte;
  clearTimeout(fermeture);
  fermeture = setTimeout(() => { place.textContent = ""; place.className = ""; }, erreur ? 12000 : 4000);
}

/* Une question posée dans une boîte de dialogue ; rend les valeurs du formulaire, ou null. */
export function demander(titre, champs, valider = "Valider", annulable = true) {
  return new Promise((rendre) => {
    const avant = document.activeElement;
    const boite = h("dialog", { "aria-labelledby": "titre-boite", onclose: () => { boite.remove(); if (avant?.isConnected) avant.focus(); rendre(null); } },
      h("form", { method: "dialog", onsubmit: (e) => {
        rendre(Object.fromEntries(new FormData(e.target)));
      } },
      h("h2", { id: "titre-boite" }, titre), champs,
      h("p", { classe: "boutons" }, h("button", { classe: "fort" }, valider),
        annulable ? h("button", { type: "button", onclick: () => boite.close() }, "Annuler") : null)));
    document.body.append(boite);
    boite.showModal();
  });
}
