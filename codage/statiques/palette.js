/* La palette de la grille : chercher un code, lire sa définition, le poser. Une liste à choix unique (combobox ARIA). */

import { h, vider } from "./dom.js";

const nu = (texte) => texte.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class Palette {
  constructor(codes, choisir) {
    this.codes = codes.filter((c) => !c.retire);
    this.cherchables = new Map(this.codes.map((c) => [c.id, nu([c.code, c.intitule, c.famille, c.definition].join(" "))]));
    this.choisir = choisir;
    this.actif = 0;
    this.champ = h("input", { type: "search", id: "chercher-code", role: "combobox", autocomplete: "off", "aria-expanded": "true",
      "aria-controls": "codes", "aria-autocomplete": "list", placeholder: "Chercher un code ( / )",
      oninput: () => { this.actif = 0; this.#montrer(); }, onkeydown: (e) => this.#touche(e) });
    this.liste = h("ul", { id: "codes", role: "listbox", "aria-label": "Codes de la grille" });
    this.definition = h("div", { classe: "definition", "aria-live": "polite" });
    this.element = h("section", { classe: "palette", "aria-label": "Grille" },
      h("label", { htmlFor: "chercher-code", classe: "invisible" }, "Chercher un code"), this.champ, this.liste, this.definition);
    this.#montrer();
  }

  viser() { this.champ.focus(); this.champ.select(); }

  #trouves() {
    const mots = nu(this.champ.value).split(/\s+/).filter(Boolean);
    const trouves = this.codes.filter((c) => mots.every((mot) => this.cherchables.get(c.id).includes(mot)));
    const exact = (c) => (nu(c.code).startsWith(mots[0] ?? "") && mots.length ? 0 : 1);
    return trouves.sort((a, b) => exact(a) - exact(b) || a.rang - b.rang);
  }

  #montrer() {
    const trouves = this.#trouves();
    this.actif = Math.min(this.actif, Math.max(0, trouves.length - 1));
    let famille = null;
    vider(this.liste, trouves.flatMap((code, rang) => {
      const titre = !this.champ.value && code.famille !== famille
        ? h("li", { role: "presentation", classe: "famille" }, (famille = code.famille) || "Autres codes") : null;
      return [titre, h("li", { role: "option", id: `code-${code.id}`, "aria-selected": String(rang === this.actif), couleur: code.couleur,
        onclick: () => this.#prendre(code), onmouseenter: () => this.#definir(code) },
        h("span", { classe: "pastille" }), h("b", {}, code.code), " ", code.intitule)];
    }));
    const code = trouves[this.actif];
    if (code) this.champ.setAttribute("aria-activedescendant", `code-${code.id}`);
    else this.champ.removeAttribute("aria-activedescendant");
    this.#definir(code);
    if (document.activeElement === this.champ) this.liste.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  #definir(code) {
    vider(this.definition, code ? [h("h3", {}, `${code.code} — ${code.intitule}`), h("p", {}, code.definition),
      code.exemples.length ? h("ul", {}, code.exemples.slice(0, 3).map((e) => h("li", {}, `« ${e} »`))) : null] : h("p", {}, "Aucun code."));
  }

  #prendre(code) { this.champ.value = ""; this.actif = 0; this.#montrer(); this.champ.blur(); this.choisir(code); }

  #touche(evenement) {
    const trouves = this.#trouves();
    const pas = { ArrowDown: 1, ArrowUp: -1 }[evenement.key];
    if (pas) {
      this.actif = (this.actif + pas + trouves.length) % Math.max(1, trouves.length);
      this.#montrer();
      evenement.preventDefault();
    } else if (evenement.key === "Enter" && trouves[this.actif]) {
      this.#prendre(trouves[this.actif]);
      evenement.preventDefault();
    } else if (evenement.key === "Escape") this.champ.blur();
    evenement.stopPropagation();
  }
}
