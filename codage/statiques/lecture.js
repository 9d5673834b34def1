/* Lire et coder un entretien. */

import { annoncer, compter, demander, h, pourcent, vider } from "./dom.js";
import { Palette } from "./palette.js";
import { Positions } from "./positions.js";
import { agir, lire } from "./reseau.js";
import { Surlignage } from "./surlignage.js";

const MODALITES = { presente: ["présente", "+", "p"], absente: ["absente", "−", "a"], hypothetique: ["hypothétique", "?", "h"] };
const AIDE = [["↓ ↑ ou j k", "phrase suivante, précédente"], ["Maj + ↓ ↑", "étendre à d'autres phrases"],
  ["Maj + → ←", "étendre ou réduire d'un mot, à la fin"], ["Ctrl + Maj + → ←", "de même, au début"],
  ["1 à 5", "poser l'un des codes probables"], ["/", "chercher un code, Entrée pour le poser"], ["p a h", "modalité : présente, absente, hypothétique"],
  ["o n c", "proposition : oui, non, corriger"], ["s", "proposition suivante"], ["m", "mémo"], ["Suppr", "retirer le codage"],
  ["Ctrl + Z, Ctrl + Y", "annuler, refaire"], ["?", "cette aide"]];

const PROBABLES = 5;

export class Lecture {
  constructor(racine, etude, moi, nom, depart, proposition) {
    Object.assign(this, { racine, etude, moi, nom, depart, proposition });
    this.codes = new Map(etude.codes.map((c) => [c.id, c]));
    this.parNom = new Map(etude.codes.map((c) => [c.code, c]));
    this.seuil = 0.15;
    this.hesitations = false;
    this.vise = null;
    this.dernier = null; // le codage que l'on vient de poser : p, a, h, m et Suppr le visent encore quand la machine propose autre chose
    this.ecoute = (e) => this.#touche(e);
  }

  async ouvrir() {
    this.donnees = await lire(`entretien?nom=${encodeURIComponent(this.nom)}`);
    if (this.quittee) return;
    const { fiche, tours, phrases } = this.donnees;
    this.positions = new Positions(fiche.texte);
    const situer = (o) => ({ ...o, debut: this.positions.unites(o.debut), fin: this.positions.unites(o.fin) });
    this.tours = tours.map(situer);
    this.phrases = phrases.filter((p) => p.role === "enquete").map(situer);
    this.titre = h("h2", { tabIndex: -1 }, `${fiche.id} — ${fiche.fonction || "entretien"}`);
    this.texte = h("div", { classe: "texte", tabIndex: 0, role: "document", "aria-label": "Transcription" },
      this.tours.map((tour, rang) => h("div", { classe: `tour ${tour.role}` },
        h("p", { classe: "locuteur not-annotatable" }, tour.locuteur || (tour.role === "enquete" ? "Enquêté" : "Enquêteur")),
        h("p", { classe: "propos" }, fiche.texte.slice(tour.debut, tour.fin)),
        h("ul", { classe: "marge not-annotatable", id: `marge-${rang}`, "aria-label": "Codes de ce tour" }))));
    this.palette = new Palette(this.etude.codes, (code) => this.#suivre(this.#poser(code)));
    this.compte = h("span", { classe: "compte" });
    this.passage = h("section", { classe: "passage", "aria-label": "Passage choisi" });
    this.panneau = h("aside", { classe: "panneau", "aria-label": "Coder" }, this.passage, this.donnees.code ? this.palette.element : null);
    vider(this.racine, h("div", { classe: "entete-lecture" }, h("div", {}, this.titre,
      h("p", { classe: "sourd" }, [fiche.territoire, fiche.categorie, fiche.date].filter(Boolean).map((v) => `${v} · `), this.compte)), this.#outils()),
      this.donnees.aveugle ? h("p", { classe: "bandeau" }, "Codage à l'aveugle : vous ne voyez que le vôtre.") : null,
      this.donnees.code && this.donnees.termine ? h("p", { classe: "bandeau" }, "Terminé : ce codage compte à la place de celui de la machine. Ce que vous y changez compte aussi ; « Rouvrir » le remet en cours.") : null,
      this.donnees.code ? null : h("p", { classe: "bandeau" }, this.donnees.termine ? "Vous avez déclaré ce codage terminé." : "Lecture seule."),
      h("div", { classe: "lecture" }, this.texte, this.panneau));
    this.surlignage = new Surlignage(this.texte, this.tours, {
      choisir: (debut, fin) => this.choisir(debut, fin, null),
      cliquer: (ids) => this.#viser(ids[(ids.indexOf(this.vise) + 1) % ids.length]) });
    document.addEventListener("keydown", this.ecoute);
    this.#montrer();
    const premiere = this.depart !== undefined
      ? this.phrases.find((p) => p.fin > this.positions.unites(this.depart)) ?? this.phrases[0] : this.phrases[0];
    if (premiere) this.choisir(premiere.debut, premiere.fin);
    this.#viser(this.proposition);
    this.texte.focus({ preventScroll: true });
  }

  /* On est passé à une autre page : ce qui arriverait encore du serveur ne doit pas s'y afficher. */
  quitter() {
    this.quittee = true;
    this.fermer();
  }

  fermer() { document.removeEventListener("keydown", this.ecoute); this.surlignage?.detruire(); }

  #outils() {
    const seuil = h("input", { type: "range", min: 0, max: 1, step: 0.05, value: this.seuil, id: "seuil",
      oninput: (e) => { this.seuil = Number(e.target.value); sortie.textContent = pourcent(this.seuil); this.#montrer(); } });
    const sortie = h("output", { htmlFor: "seuil" }, pourcent(this.seuil));
    const outil = (texte, faire, titre) => h("button", { type: "button", title: titre, onclick: faire }, texte);
    return h("div", { classe: "outils" },
      this.donnees.machine ? [h("label", { htmlFor: "seuil" }, "Confiance au moins ", sortie), seuil,
        h("label", {}, h("input", { type: "checkbox", onchange: (e) => { this.hesitations = e.target.checked; this.#montrer(); } }), " hésitations")] : null,
      this.donnees.code ? [outil("Annuler", () => this.#defaire("annuler"), "Ctrl + Z"), outil("Refaire", () => this.#defaire("refaire"), "Ctrl + Y"),
        outil("Mémo de l'entretien", () => this.#noter("entretien", this.nom)),
        this.donnees.termine ? outil("Rouvrir", () => this.#rouvrir()) : outil("Terminer", () => this.#terminer())] : null,
      this.donnees.aveugle ? null : h("a", { classe: "bouton", href: `#/desaccords/${encodeURIComponent(this.nom)}` }, "Désaccords"),
      outil("Aide ( ? )", () => this.#aide()));
  }

  async #relire() {
    const relues = await lire(`entretien?nom=${encodeURIComponent(this.nom)}`);
    if (this.quittee) return;
    const change = ["code", "aveugle", "machine", "termine"].some((cle) => relues[cle] !== this.donnees[cle]);
    Object.assign(this.donnees, relues);
    if (!change) return this.#montrer();
    this.fermer(); // terminé, rouvert, ou plus à l'aveugle : la page entière est autre
    this.depart = undefined;
    await this.ouvrir();
  }

  /* Ce qui se montre, codages puis propositions encore à juger. */
  #passages() {
    const situer = (o) => ({ ...o, debut: this.positions.unites(o.debut), fin: this.positions.unites(o.fin) });
    const codages = this.donnees.codages.map((c) => ({ ...situer(c), machine: false, fiche: this.codes.get(c.code) }));
    const propositions = this.donnees.propositions
      .filter((p) => !p.verdict && (p.confiance ?? 1) >= this.seuil && (p.posee || this.hesitations))
      .map((p) => ({ ...situer(p), machine: true, fiche: this.parNom.get(p.code) ?? { code: p.code, intitule: "", couleur: "#dddddd" } }));
    return [...codages, ...propositions].map((p) => ({ ...p, couleur: p.fiche.couleur, vise: p.id === this.vise }));
  }

  #montrer() {
    this.visibles = this.#passages();
    if (this.vise && !this.visibles.some((p) => p.id === this.vise)) this.vise = null;
    this.surlignage.montrer(this.visibles);
    const restent = this.donnees.propositions.filter((p) => p.posee && !p.verdict).length;
    this.compte.textContent = [compter(this.donnees.codages.length, "codage"),
      this.donnees.machine ? `${compter(restent, "proposition")} à juger` : null].filter(Boolean).join(", ");
    const marges = this.tours.map(() => []);
    for (const p of this.visibles) {
      const rang = this.tours.findLastIndex((t) => t.debut <= p.debut);
      if (rang >= 0) marges[rang].push(p);
    }
    marges.forEach((siens, rang) => vider(document.getElementById(`marge-${rang}`), siens.map((p) => this.#jeton(p))));
    this.#decrire();
  }

  /* Les codes que la machine tient pour les plus probables sur le passage choisi, même ceux qu'elle n'a pas posés. */
  #probables() {
    const { debut, fin } = this.choix ?? { debut: 0, fin: 0 };
    return this.donnees.propositions
      .filter((p) => !p.verdict && this.parNom.has(p.code) && this.positions.unites(p.debut) < fin && this.positions.unites(p.fin) > debut)
      .sort((a, b) => (b.confiance ?? 0) - (a.confiance ?? 0) || a.code.localeCompare(b.code)).slice(0, PROBABLES);
  }

  #jeton(p) {
    const [nom, signe] = MODALITES[p.modalite];
    const qui = p.machine ? `machine, ${p.confiance === null ? "confiance inconnue" : pourcent(p.confiance)}` : p.personne;
    return h("li", {}, h("button", { type: "button", id: `jeton-${p.id}`, classe: `jeton${p.machine ? " machine" : ""}${p.personne === this.moi.personne ? " mien" : ""}`,
      couleur: p.couleur, "aria-pressed": String(p.vise), onclick: () => this.#viser(p.id), title: `${p.fiche.intitule} (${nom}, ${qui})`,
      "aria-label": `${p.machine ? "Proposition" : "Codage"} ${p.fiche.code} ${p.fiche.intitule}, ${nom}, ${qui}` },
      p.machine ? "⋯ " : "", p.fiche.code, "\u00a0", signe, p.machine && p.confiance !== null ? ` ${pourcent(p.confiance)}`
        : p.personne && p.personne !== this.moi.personne ? ` ${p.personne}` : ""));
  }

  choisir(debut, fin, vise) {
    this.choix = { debut, fin };
    this.surlignage.selectionner(debut, fin);
    const dedans = this.visibles.filter((p) => p.debut < fin && p.fin > debut);
    const suivant = vise !== undefined ? vise
      : (dedans.find((p) => p.machine) ?? dedans.find((p) => p.personne === this.moi.personne) ?? {}).id ?? null;
    if (suivant !== this.vise) this.#changerDeVise(suivant);
    this.#decrire();
    this.#defiler(debut);
  }

  #changerDeVise(id) {
    const presser = (qui, presse) => document.getElementById(`jeton-${qui}`)?.setAttribute("aria-pressed", String(presse));
    presser(this.vise, false);
    presser(id, true);
    this.vise = id;
    for (const p of this.visibles) p.vise = p.id === id;
    this.surlignage.viser(id);
  }

  #viser(id) {
    const p = this.visibles.find((v) => v.id === id);
    if (p) this.choisir(p.debut, p.fin, id);
  }

  #defiler(debut) {
    const rang = this.tours.findLastIndex((t) => t.debut <= debut);
    const noeud = this.texte.children[rang]?.querySelector(".propos").firstChild;
    if (!noeud) return;
    const ou = document.createRange();
    ou.setStart(noeud, Math.min(debut - this.tours[rang].debut, noeud.length));
    const { top } = ou.getBoundingClientRect();
    const haut = 120, bas = window.innerHeight * (window.innerWidth < 800 ? 0.55 : 0.85);
    if (top < haut || top > bas) window.scrollBy({ top: top - window.innerHeight / 3 });
  }

  #decrire() {
    const { debut, fin } = this.choix ?? { debut: 0, fin: 0 };
    const extrait = this.donnees.fiche.texte.slice(debut, fin);
    const dedans = this.visibles.filter((p) => p.debut < fin && p.fin > debut);
    vider(this.passage, h("h3", {}, "Passage"), h("blockquote", { "aria-live": "polite" }, extrait.length > 320 ? `${extrait.slice(0, 320)}…` : extrait),
      this.donnees.code && this.donnees.machine ? h("ol", { classe: "probables", "aria-label": "Codes probables" }, this.#probables().map((p, rang) =>
        h("li", {}, h("button", { type: "button", couleur: this.parNom.get(p.code).couleur, title: `touche ${rang + 1}`, onclick: () => this.#suivre(this.#decider(p, "accepte")) },
          h("b", {}, String(rang + 1)), h("span", { classe: "pastille" }), `${p.code} ${this.parNom.get(p.code).intitule}`,
          p.confiance === null ? null : h("small", {}, ` ${pourcent(p.confiance)}`))))) : null,
      dedans.length ? h("ul", { classe: "poses" }, dedans.map((p) => this.#fiche(p))) : h("p", { classe: "sourd" }, "Aucun code sur ce passage."),
      this.donnees.arbitrages.filter((a) => this.positions.unites(a.debut) < fin && this.positions.unites(a.fin) > debut).map((a) =>
        h("p", { classe: "fiche arbitrage", couleur: this.codes.get(a.code).couleur }, h("b", {}, `Arbitré : ${this.codes.get(a.code).code} `),
          a.porte ? `porté, ${MODALITES[a.modalite][0]}` : "non porté", h("br"), h("small", {}, `${a.personne} : ${a.raison}`))));
  }

  #fiche(p) {
    const mien = p.personne === this.moi.personne && this.donnees.code;
    const bouton = (texte, faire, touche) => h("button", { type: "button", onclick: faire, title: touche ? `touche ${touche}` : "" }, texte);
    const memos = this.donnees.memos.filter((m) => m.cible === "codage" && m.cle === p.id);
    return h("li", { classe: `fiche${p.machine ? " machine" : ""}${p.vise ? " visee" : ""}`, couleur: p.couleur },
      h("p", {}, h("span", { classe: "pastille" }), h("b", {}, p.fiche.code), ` ${p.fiche.intitule} — ${MODALITES[p.modalite][0]}`),
      h("p", { classe: "sourd" }, p.machine ? `Proposition de ${p.codeur}${p.confiance === null ? "" : `, confiance ${pourcent(p.confiance)}`}`
        : `Codé par ${p.personne}${p.proposition ? ", d'après une proposition de la machine" : ""}`),
      p.machine && p.preuve ? h("p", { classe: "preuve" }, `A pesé : ${p.preuve}`) : null,
      memos.map((m) => h("p", { classe: "memo" }, `${m.personne} : ${m.texte}`)),
      !this.donnees.code ? null : p.machine ? h("p", { classe: "boutons" },
        bouton("Oui", () => this.#decider(p, "accepte"), "o"), bouton("Non", () => this.#decider(p, "refuse"), "n"),
        bouton("Corriger", () => this.#corriger(p), "c"))
        : mien ? h("p", { classe: "boutons" },
          Object.entries(MODALITES).map(([cle, [nom, , touche]]) => cle === p.modalite ? null : bouton(nom, () => this.#moduler(p, cle), touche)),
          bouton("Mémo", () => this.#noter("codage", p.id), "m"), bouton("Retirer", () => this.#retirer(p), "Suppr")) : null);
  }

  async #faire(genre, champs, dit) {
    let refus = null;
    try {
      await agir(genre, champs);
    } catch (erreur) { refus = erreur.message; }
    try { await this.#relire(); } catch (erreur) { refus ??= erreur.message; }
    annoncer(refus ?? dit, refus !== null);
  }

  /* Les touches frappées pendant qu'un acte s'enregistre attendent leur tour : elles visent ce qu'il aura posé. */
  #suivre(acte) {
    this.enCours = Promise.resolve(acte).finally(() => { this.enCours = null; });
    return this.enCours;
  }

  #etendue(o) { return { debut: this.positions.points(o.debut), fin: this.positions.points(o.fin) }; }

  async #poser(code) {
    const aCorriger = this.correction;
    this.correction = null;
    this.texte.focus({ preventScroll: true });
    if (!this.choix) return annoncer("Choisissez d'abord un passage.", true);
    if (aCorriger) {
      await this.#faire("decider", { proposition: aCorriger, verdict: "corrige", code: code.id, ...this.#etendue(this.choix) }, `${code.code} posé à la place`);
    } else await this.#faire("poser", { entretien: this.nom, code: code.id, modalite: "presente", ...this.#etendue(this.choix) }, `${code.code} posé`);
    const pose = this.visibles.find((p) => !p.machine && p.personne === this.moi.personne && p.fiche.id === code.id
      && p.debut === this.choix.debut && p.fin === this.choix.fin);
    if (pose) this.#viser(pose.id);
    this.dernier = pose?.id ?? null;
  }

  async #decider(p, verdict) {
    await this.#faire("decider", { proposition: p.id, verdict }, `${p.fiche?.code ?? p.code} ${verdict === "accepte" ? "accepté" : "refusé"}`);
    if (verdict === "accepte") this.dernier = this.visibles.find((v) => !v.machine && v.proposition === p.id && v.personne === this.moi.personne)?.id ?? null;
    this.choisir(this.choix.debut, this.choix.fin);
  }

  #corriger(p) { this.correction = p.id; this.palette.viser(); annoncer("Choisissez le code juste ; le passage choisi en sera l'étendue."); }
  #moduler(p, modalite) { return this.#faire("modifier", { codage: p.id, modalite }, `${p.fiche.code} : ${MODALITES[modalite][0]}`); }
  #retirer(p) { return this.#faire("retirer", { codage: p.id }, `${p.fiche.code} retiré`); }
  async #defaire(genre) { await this.#faire(genre, { entretien: this.nom }, genre === "annuler" ? "Annulé" : "Refait"); }

  async #terminer() {
    const suite = this.donnees.aveugle ? "À l'aveugle, vous ne pourrez plus le changer ; il sera comparé à celui des autres."
      : "À la prochaine analyse, seul le codage des personnes comptera dans cet entretien.";
    if (await demander("Déclarer ce codage terminé ?", h("p", {}, suite), "Terminer"))
      await this.#faire("terminer", { entretien: this.nom }, "Codage terminé");
  }

  async #rouvrir() { await this.#faire("terminer", { entretien: this.nom, termine: false }, "Codage rouvert"); }

  async #noter(cible, id) {
    const ancien = this.donnees.memos.find((m) => m.cible === cible && m.cle === id && m.personne === this.moi.personne);
    const lus = this.donnees.memos.filter((m) => m.cible === cible && m.cle === id && m.personne !== this.moi.personne);
    const valeurs = await demander("Mémo", [lus.map((m) => h("p", { classe: "memo" }, `${m.personne} : ${m.texte}`)),
      h("label", {}, "Le vôtre", h("textarea", { name: "texte", rows: 6, maxLength: 20000, value: ancien?.texte ?? "" }))]);
    if (valeurs) await this.#faire("noter", { cible, id, texte: valeurs.texte }, "Mémo gardé");
  }

  #aide() {
    demander("Au clavier", h("dl", { classe: "touches" }, AIDE.flatMap(([touche, effet]) => [h("dt", {}, touche), h("dd", {}, effet)])), "Fermer", false);
  }

  #touche(e) {
    if (e.target.closest("input, textarea, select, dialog") || document.querySelector("dialog[open]")) return;
    if (this.enCours) {
      if (!e.altKey && (e.key.length === 1 || /^(Arrow|Delete)/.test(e.key))) e.preventDefault();
      this.enCours.then(() => this.#touche(e));
      return;
    }
    const p = this.visibles.find((v) => v.id === this.vise);
    const juge = p?.machine && this.donnees.code;
    const vientDePoser = (v) => v.id === this.dernier && v.debut < this.choix?.fin && v.fin > this.choix?.debut;
    const sien = p && !p.machine ? p : this.visibles.find(vientDePoser);
    const mien = sien?.personne === this.moi.personne && this.donnees.code ? sien : null;
    const chiffre = e.key >= "1" && e.key <= "5" ? e.key : e.shiftKey ? null : /^Digit([1-5])$/.exec(e.code)?.[1]; // AZERTY, sans Maj
    const cle = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    const modalite = Object.keys(MODALITES).find((m) => MODALITES[m][2] === cle);
    let fait = true;
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && cle === "z") this.#suivre(this.#defaire("annuler"));
    else if ((e.ctrlKey || e.metaKey) && (cle === "y" || (e.shiftKey && cle === "z"))) this.#suivre(this.#defaire("refaire"));
    else if (e.shiftKey && (cle === "ArrowRight" || cle === "ArrowLeft")) this.#mot(cle === "ArrowRight" ? 1 : -1, e.ctrlKey);
    else if (e.ctrlKey || e.metaKey || e.altKey) fait = false;
    else if (cle === "ArrowDown" || cle === "j") this.#phrase(1, e.shiftKey);
    else if (cle === "ArrowUp" || cle === "k") this.#phrase(-1, e.shiftKey);
    else if (cle === "/" && this.donnees.code) this.palette.viser();
    else if (chiffre && this.donnees.code) {
      const probable = this.#probables()[Number(chiffre) - 1];
      if (probable) this.#suivre(this.#decider(probable, "accepte"));
    } else if (cle === "?") this.#aide();
    else if (cle === "s") this.#suivante();
    else if (cle === "o" && juge) this.#suivre(this.#decider(p, "accepte"));
    else if (cle === "n" && juge) this.#suivre(this.#decider(p, "refuse"));
    else if (cle === "c" && juge) this.#corriger(p);
    else if (cle === "m" && mien) this.#noter("codage", mien.id);
    else if (cle === "Delete" && mien) this.#suivre(this.#retirer(mien));
    else if (modalite && mien && modalite !== mien.modalite) this.#suivre(this.#moduler(mien, modalite));
    else fait = false;
    if (fait) e.preventDefault();
  }

  #phrase(pas, etendre) {
    const { debut, fin } = this.choix ?? { debut: 0, fin: 0 };
    if (etendre) {
      const bout = pas > 0 ? this.phrases.find((p) => p.fin > fin) : this.phrases.findLast((p) => p.fin < fin && p.fin > debut);
      if (bout) this.choisir(debut, bout.fin);
      return;
    }
    const suivante = pas > 0 ? this.phrases.find((p) => p.debut >= fin) : this.phrases.findLast((p) => p.fin <= debut);
    if (suivante) this.choisir(suivante.debut, suivante.fin);
  }

  #mot(pas, auDebut) {
    const { debut, fin } = this.choix ?? { debut: 0, fin: 0 };
    const bornes = [...this.donnees.fiche.texte.matchAll(/[\p{L}\p{N}'’\-]+/gu)];
    const trouver = (cles, ou) => pas > 0 ? cles.find((c) => c > ou) : cles.findLast((c) => c < ou);
    const neuf = auDebut ? trouver(bornes.map((m) => m.index), debut) : trouver(bornes.map((m) => m.index + m[0].length), fin);
    const [a, b] = auDebut ? [neuf, fin] : [debut, neuf];
    if (neuf !== undefined && a < b) this.choisir(a, b, null);
  }

  #suivante() {
    const restent = this.visibles.filter((p) => p.machine).sort((a, b) => a.debut - b.debut);
    const rang = restent.findIndex((p) => p.id === this.vise);
    const ensuite = rang >= 0 ? restent[rang + 1] : restent.find((p) => p.debut >= (this.choix?.debut ?? 0));
    const suivante = ensuite ?? restent.find((p) => p.id !== this.vise);
    if (!suivante) return annoncer("Plus de proposition à juger ici.");
    this.#viser(suivante.id);
    if (!ensuite) annoncer("Retour à la première proposition.");
  }
}
