/* Tenir la grille et l'équipe. */

import { annoncer, compter, demander, h, tableau } from "./dom.js";
import { agir, envoyer, lire } from "./reseau.js";

const tenter = async (faire, dit, recharger) => {
  try { await faire(); annoncer(dit); recharger(); } catch (erreur) { annoncer(erreur.message, true); }
};
const champ = (nom, texte, valeur = "", autres = {}) => h("label", {}, texte, h("input", { name: nom, value: valeur, ...autres }));

export async function grille({ etude, moi, recharger }) {
  const vivants = etude.codes.filter((c) => !c.retire), retires = etude.codes.filter((c) => c.retire);
  const chef = moi.role === "responsable";
  const familles = [...new Set(etude.codes.map((c) => c.famille))], genres = [...new Set(etude.codes.map((c) => c.genre).filter(Boolean))];
  const fiche = (c = {}) => [champ("code", "Identifiant", c.code, { required: true, maxLength: 32 }), champ("intitule", "Intitulé", c.intitule, { required: true }),
    h("label", {}, "Définition", h("textarea", { name: "definition", rows: 5, value: c.definition ?? "" })),
    champ("famille", "Famille", c.famille, { list: "familles" }), h("datalist", { id: "familles" }, familles.map((f) => h("option", { value: f }))),
    h("label", {}, "Genre", h("select", { name: "genre" }, ["", ...genres].map((g) => h("option", { value: g, selected: g === c.genre }, g || "aucun")))),
    champ("couleur", "Couleur", c.couleur ?? "#E6E6E6", { type: "color" })];
  const choisir = (sauf) => h("select", { name: "cible" }, vivants.filter((c) => c.id !== sauf).map((c) => h("option", { value: c.id }, `${c.code} ${c.intitule}`)));
  const creer = async (horsGrille) => {
    const valeurs = await demander(horsGrille ? "Nouveau code inductif" : "Nouveau code de la grille", fiche(), "Créer");
    if (valeurs) tenter(() => agir("creer_code", { champs: valeurs, hors_grille: horsGrille }), "Code créé", recharger);
  };
  const modifier = async (c) => {
    const valeurs = await demander(`Modifier ${c.code}`, fiche(c));
    if (valeurs) tenter(() => agir("modifier_code", { code: c.id, champs: valeurs }), "Code modifié", recharger);
  };
  const fusionner = async (c) => {
    const valeurs = await demander(`Fusionner ${c.code} avec…`, [h("p", {}, `Les codages de ${c.code} passent sur le code choisi ; ${c.code} est retiré.`), choisir(c.id)], "Fusionner");
    if (valeurs) tenter(() => agir("fusionner_codes", { sources: [c.id], cible: valeurs.cible }), "Codes fusionnés", recharger);
  };
  const retirer = async (c) => {
    const valeurs = await demander(`Retirer ${c.code} ?`, h("p", {}, "Un code déjà posé ne se retire que par une fusion."), "Retirer");
    if (valeurs) tenter(() => agir("retirer_code", { code: c.id }), "Code retiré", recharger);
  };
  const scinder = async (c) => {
    const valeurs = await demander(`Scinder ${c.code}`, [h("p", {}, "Le code est remplacé par deux autres. À l'étape suivante, vous répartissez ses codages."),
      champ("code1", "Premier identifiant", `${c.code}a`), champ("intitule1", "Premier intitulé", c.intitule),
      champ("code2", "Second identifiant", `${c.code}b`), champ("intitule2", "Second intitulé", c.intitule)], "Continuer");
    if (!valeurs) return;
    tenter(async () => {
      const portes = await lire(`codages?code=${encodeURIComponent(c.id)}`);
      const choix = await demander(`Répartir ${compter(portes.length, "codage")}`, portes.map((p) => h("fieldset", {}, h("legend", {}, `« ${p.texte} » (${p.entretien}, ${p.personne})`),
        [1, 2].map((n) => h("label", {}, h("input", { type: "radio", name: p.id, value: n - 1, required: true, checked: n === 1 }), ` ${valeurs[`code${n}`]}`)))), "Scinder");
      if (!choix) throw new Error("rien n'a été scindé");
      await agir("scinder_code", { code: c.id, nouveaux: [1, 2].map((n) => ({ code: valeurs[`code${n}`], intitule: valeurs[`intitule${n}`] })),
        repartition: Object.fromEntries(Object.entries(choix).map(([id, n]) => [id, Number(n)])) });
    }, "Code scindé", recharger);
  };
  const memos = (c) => etude.memos.filter((m) => m.cle === c.id);
  const noter = async (c) => {
    const mien = memos(c).find((m) => m.personne === moi.personne);
    const valeurs = await demander(`Mémo sur ${c.code}`, h("label", {}, "Le vôtre (vide : l'effacer)",
      h("textarea", { name: "texte", rows: 6, maxLength: 20000, value: mien?.texte ?? "" })));
    if (valeurs) tenter(() => agir("noter", { cible: "code", id: c.id, texte: valeurs.texte }), "Mémo gardé", recharger);
  };
  const ecrit = moi.role !== "lecteur";
  const outil = (texte, faire, c) => h("button", { type: "button", onclick: () => faire(c), "aria-label": `${texte} ${c.code}` }, texte);
  return [h("h2", {}, "Grille"),
    !ecrit ? null : h("p", { classe: "boutons" }, h("button", { type: "button", onclick: () => creer(true) }, "Nouveau code inductif"),
      chef ? h("button", { type: "button", onclick: () => creer(false) }, "Nouveau code de la grille") : null),
    tableau(compter(vivants.length, "code"), ["Code", "Intitulé et définition", "Famille", ...(ecrit ? ["Changer"] : [])], vivants.map((c) => [
      h("span", { couleur: c.couleur }, h("span", { classe: "pastille" }), c.code, c.hors_grille ? " (inductif)" : ""),
      h("details", {}, h("summary", {}, c.intitule), h("p", { classe: "definition" }, c.definition),
        memos(c).map((m) => h("p", { classe: "memo" }, `${m.personne} : ${m.texte}`))), c.famille,
      ...(ecrit ? [h("span", { classe: "boutons" }, outil("Mémo", noter, c), !chef ? null : [outil("Modifier", modifier, c), outil("Fusionner", fusionner, c), outil("Scinder", scinder, c), outil("Retirer", retirer, c)])] : [])])),
    retires.length ? tableau(compter(retires.length, "code retiré"), ["Code", "Intitulé", ""], retires.map((c) => [c.code, c.intitule,
      chef ? h("button", { type: "button", onclick: () => tenter(() => agir("modifier_code", { code: c.id, champs: { retire: false } }), "Code rendu à la grille", recharger) },
        "Rendre à la grille") : ""])) : null];
}

export async function equipe({ etude, moi, recharger }) {
  const ouvrir = async (p) => {
    const valeurs = await demander(p ? `Compte ${p.id}` : "Nouveau compte", [p ? null : champ("id", "Identifiant", "", { required: true, pattern: "[\\w.@\\-]{1,64}" }),
      champ("nom", "Nom", p?.nom), h("label", {}, "Rôle ", h("select", { name: "role" }, ["codeur", "responsable", "lecteur"].map((r) => h("option", { selected: r === p?.role }, r)))),
      p ? h("label", {}, "Ouvert ", h("select", { name: "actif" }, h("option", { value: "oui", selected: p.actif }, "oui"), h("option", { value: "", selected: !p.actif }, "non"))) : null,
      p?.id === moi.personne ? null : champ("mot", "Mot de passe (12 caractères au moins ; vide : inchangé)", "", { type: "password", autocomplete: "new-password" })]);
    if (!valeurs) return;
    const id = p?.id ?? valeurs.id;
    tenter(async () => {
      if (!p || valeurs.nom !== p.nom || valeurs.role !== p.role || Boolean(valeurs.actif) !== p.actif) {
        await agir("compte", { id, nom: valeurs.nom || id, role: valeurs.role, actif: p ? Boolean(valeurs.actif) : true });
      }
      if (valeurs.mot) await envoyer("mot_de_passe", { personne: id, mot_de_passe: valeurs.mot });
    }, "Compte gardé", recharger);
  };
  const affecter = async () => {
    const valeurs = await demander("Affecter un entretien", [
      h("label", {}, "Entretien ", h("select", { name: "entretien" }, etude.entretiens.map((e) => h("option", {}, e.id)))),
      h("label", {}, "Personne ", h("select", { name: "personne" }, etude.personnes.filter((p) => p.actif && p.role !== "lecteur").map((p) => h("option", { value: p.id }, p.nom)))),
      h("label", {}, h("input", { type: "checkbox", name: "aveugle" }), " À l'aveugle : ne voit pas le codage des autres avant que tous aient terminé"),
      h("label", {}, h("input", { type: "checkbox", name: "propositions" }), " Voit les propositions de la machine")], "Affecter");
    if (valeurs) tenter(() => agir("affecter", { ...valeurs, aveugle: Boolean(valeurs.aveugle), propositions: Boolean(valeurs.propositions) }), "Entretien affecté", recharger);
  };
  return [h("h2", {}, "Équipe"), h("p", { classe: "boutons" }, h("button", { type: "button", onclick: () => ouvrir() }, "Nouveau compte"),
    h("button", { type: "button", onclick: affecter }, "Affecter un entretien")),
    tableau("Comptes", ["Compte", "Nom", "Rôle", "Ouvert", ""], etude.personnes.map((p) => [p.id, p.nom, p.role, p.actif ? "oui" : "non",
      h("button", { type: "button", onclick: () => ouvrir(p), "aria-label": `Changer ${p.id}` }, "Changer")])),
    tableau("Affectations", ["Entretien", "Personne", "À l'aveugle", "Machine", "Terminé", ""], etude.affectations.map((a) => [a.entretien, a.personne,
      a.aveugle ? "oui" : "non", a.propositions ? "visible" : "cachée", a.termine ? "oui" : "non",
      h("span", { classe: "boutons" },
        a.termine ? h("button", { type: "button", onclick: () => tenter(() => agir("terminer", { entretien: a.entretien, personne: a.personne, termine: false }), "Codage rouvert", recharger) }, "Rouvrir") : null,
        h("button", { type: "button", onclick: () => tenter(() => agir("desaffecter", { entretien: a.entretien, personne: a.personne }), "Affectation retirée", recharger) }, "Retirer"))]))];
}
