/* L'application : une séance, des vues choisies par l'adresse (#/…). */

import { annoncer, demander, h, vider } from "./dom.js";
import { Lecture } from "./lecture.js";
import { donnerCsrf, envoyer, lire } from "./reseau.js";
import { accord, accueil, desaccords, file, journal } from "./vues.js";
import { equipe, grille } from "./gestion.js";

const VUES = { "": accueil, file, accord, desaccords, grille, equipe, journal };
const racine = document.getElementById("contenu");
let moi, lecture, passage = 0;

async function aller() {
  const rang = ++passage; // une page demandée plus tôt mais prête plus tard ne remplace pas la dernière
  const depasse = () => rang !== passage;
  const ici = location.hash;
  lecture?.quitter();
  lecture = null;
  const [nom, ...arguments_] = location.hash.replace(/^#\//, "").split("/").map(decodeURIComponent);
  for (const lien of document.querySelectorAll("nav a")) {
    if (lien.hash === `#/${nom === "entretien" ? "" : nom}`) lien.setAttribute("aria-current", "page"); else lien.removeAttribute("aria-current");
  }
  try {
    const etude = await lire("etude");
    if (depasse()) return;
    document.body.classList.toggle("en-lecture", nom === "entretien");
    if (nom === "entretien") {
      const ouverte = new Lecture(racine, etude, moi, arguments_[0], arguments_[1] === undefined ? undefined : Number(arguments_[1]), arguments_[2]);
      lecture = ouverte;
      await ouverte.ouvrir();
    } else {
      const vue = VUES[nom] ?? accueil;
      const contenu = await vue({ etude, moi, arguments: arguments_, recharger: () => { if (location.hash === ici) return aller(); } });
      if (depasse()) return;
      vider(racine, contenu);
      const titre = racine.querySelector("h2");
      titre?.setAttribute("tabindex", "-1");
      titre?.focus({ preventScroll: true });
    }
    if (depasse()) return;
    document.title = `${racine.querySelector("h2")?.textContent ?? "Coder"} — ${moi.titre}`;
  } catch (erreur) {
    if (depasse()) return;
    if (erreur.etat === 401) return connexion();
    vider(racine, h("h2", {}, "Impossible d'afficher cette page"), h("p", {}, erreur.message));
  }
}

function connexion() {
  document.querySelector("nav").hidden = true;
  const formulaire = h("form", { classe: "connexion", onsubmit: async (e) => {
    e.preventDefault();
    try {
      await envoyer("connexion", Object.fromEntries(new FormData(e.target)));
      demarrer();
    } catch (erreur) { annoncer(erreur.message, true); }
  } }, h("h2", {}, "Ouvrir une séance"),
  h("label", {}, "Compte", h("input", { name: "personne", autocomplete: "username", required: true })),
  h("label", {}, "Mot de passe", h("input", { name: "mot_de_passe", type: "password", autocomplete: "current-password", required: true })),
  h("button", { classe: "fort" }, "Entrer"),
  h("p", { classe: "sourd" }, "En local, ouvrez plutôt l'adresse que « monographies coder » a affichée : elle tient lieu de mot de passe."));
  vider(racine, formulaire);
  formulaire.querySelector("input").focus();
}

async function changerMotDePasse() {
  const champ = (name, texte, remplir) => h("label", {}, texte, h("input", { name, type: "password", required: true, autocomplete: remplir }));
  const valeurs = await demander("Changer de mot de passe", [champ("ancien", "L'ancien", "current-password"),
    champ("mot_de_passe", "Le nouveau (12 caractères au moins)", "new-password")], "Changer");
  if (!valeurs) return;
  try {
    await envoyer("mot_de_passe", { personne: moi.personne, ...valeurs });
    annoncer("Mot de passe changé : ouvrez une séance");
    connexion();
  } catch (erreur) { annoncer(erreur.message, true); }
}

async function demarrer() {
  try { moi = await lire("moi"); } catch (erreur) { return erreur.etat === 401 ? connexion() : annoncer(erreur.message, true); }
  donnerCsrf(moi.csrf);
  document.querySelector("nav").hidden = false;
  document.getElementById("titre").textContent = moi.titre;
  vider(document.getElementById("moi"), `${moi.nom || moi.personne} (${moi.role})`, moi.local ? null : h("button", { type: "button", onclick: changerMotDePasse }, "Mot de passe"), moi.local ? null : h("button", { type: "button",
    onclick: async () => { await envoyer("deconnexion"); location.hash = ""; connexion(); } }, "Quitter"));
  document.getElementById("lien-equipe").hidden = moi.role !== "responsable";
  aller();
}

document.querySelector(".evitement").addEventListener("click", (e) => {
  e.preventDefault();
  racine.querySelector("h2, .texte")?.focus();
});
addEventListener("hashchange", () => { if (moi) aller(); });
demarrer();
