/* Le texte d'un entretien, surligné par @recogito/text-annotator.

   Le conteneur ne montre que les propos : ce qui est entre deux tours (étiquettes, lignes vides) n'y est pas. Les
   positions passent de l'un à l'autre par tour ; dehors, tout est en unités UTF-16 du texte de l'entretien. */

import { createTextAnnotator } from "./tiers/text-annotator.js";

const SELECTION = "selection";
const TRAITS = { presente: "solid", absente: "double", hypothetique: "dotted" };

export class Surlignage {
  constructor(conteneur, tours, { choisir, cliquer }) {
    this.tours = [];
    let depart = 0;
    const propos = conteneur.querySelectorAll(".propos");
    tours.forEach((tour, rang) => {
      this.tours.push({ debut: tour.debut, fin: tour.fin, depart, noeud: propos[rang].firstChild });
      depart += tour.fin - tour.debut;
    });
    this.etats = new Map();
    this.annotateur = createTextAnnotator(conteneur, {
      renderer: "SPANS", style: (annotation, etat, z) => this.#style(annotation, etat, z),
      selectionMode: "all", userSelectAction: "SELECT" });
    this.annotateur.on("createAnnotation", (annotation) => {
      const morceaux = annotation.target.selector;
      this.annotateur.removeAnnotation(annotation.id);
      window.getSelection()?.removeAllRanges();
      choisir(this.#texte(Math.min(...morceaux.map((m) => m.start))), this.#texte(Math.max(...morceaux.map((m) => m.end)) - 1) + 1);
    });
    this.annotateur.on("clickAnnotation", (annotation) => {
      const ids = [annotation].flat().map((a) => a.id).filter((id) => id !== SELECTION);
      if (ids.length) cliquer(ids);
    });
  }

  /* passages : id, debut, fin, couleur, machine, modalite */
  montrer(passages) {
    this.etats = new Map(passages.map((p) => [p.id, p]));
    this.annotateur.setAnnotations(passages.map((p) => this.#annotation(p.id, p.debut, p.fin)).filter(Boolean), true);
    if (this.choix) this.selectionner(...this.choix);
  }

  /* Le passage visé a changé : le style suffit. */
  viser(id) {
    for (const p of this.etats.values()) p.vise = p.id === id;
    this.annotateur.setStyle((annotation, etat, z) => this.#style(annotation, etat, z));
  }

  selectionner(debut, fin) {
    this.choix = [debut, fin];
    this.annotateur.removeAnnotation(SELECTION);
    const annotation = this.#annotation(SELECTION, debut, fin);
    if (annotation) this.annotateur.addAnnotation(annotation);
  }

  oublier() { this.choix = null; this.annotateur.removeAnnotation(SELECTION); }
  detruire() { this.annotateur.destroy(); }

  #annotation(id, debut, fin) {
    const [a, b] = [this.#place(debut), this.#place(fin)];
    if (b <= a) return null;
    // Donner l'intervalle tout fait épargne à la bibliothèque de parcourir le texte pour chaque passage.
    const range = document.createRange();
    const premier = this.#tour(a), dernier = this.#tour(b - 1);
    range.setStart(premier.noeud, a - premier.depart);
    range.setEnd(dernier.noeud, b - dernier.depart);
    return { id, bodies: [], target: { annotation: id, selector: [{ quote: "", start: a, end: b, range }], created: new Date(0) } };
  }

  #tour(place) { // le tour où tombe une place du conteneur
    let bas = 0, haut = this.tours.length - 1;
    while (bas < haut) {
      const milieu = (bas + haut + 1) >> 1;
      if (this.tours[milieu].depart <= place) bas = milieu; else haut = milieu - 1;
    }
    return this.tours[bas];
  }

  #place(position) { // du texte au conteneur
    let derniere = 0;
    for (const tour of this.tours) {
      if (position < tour.debut) break;
      derniere = tour.depart + Math.min(position, tour.fin) - tour.debut;
    }
    return derniere;
  }

  #texte(place) { // du conteneur au texte
    const tour = this.#tour(place);
    return tour.debut + Math.min(place - tour.depart, tour.fin - tour.debut);
  }

  #style(annotation, etat, z) {
    const p = this.etats.get(annotation.id);
    if (!p) return { fill: "#1f4e8c", fillOpacity: 0.14, underlineStyle: "dashed", underlineColor: "#1f4e8c", underlineThickness: 2 };
    const plein = p.machine ? 0.12 : 0.4; // les recouvrements s'ajoutent : le texte noir doit rester lisible dessous
    return { fill: p.couleur, fillOpacity: etat.selected || p.vise ? Math.min(1, plein + 0.3) : plein,
      underlineStyle: p.machine ? "dashed" : TRAITS[p.modalite], underlineColor: p.machine ? "#6b6b6b" : "#333",
      underlineThickness: p.modalite === "absente" && !p.machine ? 3 : 2, underlineOffset: 4 * Math.min(z ?? 0, 2) };
  }
}
