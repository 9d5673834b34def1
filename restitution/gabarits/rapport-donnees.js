// Les données du rapport, leurs index, et les nombres à la française.

const D = JSON.parse(document.getElementById("donnees").textContent);
const T = D.tours, P = D.phrases, M = D.mentions, E = D.entretiens;

const CODES = D.codes.map(([code, intitule, genre, famille, definition, couleur], rang) =>
  ({ rang, code, intitule, genre, famille, definition, couleur }));
const RANG_CODE = new Map(CODES.map((c) => [c.code, c.rang]));
const RANG_TERRITOIRE = new Map(D.territoires.map(([id], rang) => [id, rang]));
const RANG_ENTRETIEN = new Map(E.id.map((id, rang) => [id, rang]));
const RANG_MODALITE = new Map(D.modalites.map(([id], rang) => [id, rang]));
const SYMBOLES = ["●", "○", "◇"];

// Catégories d'acteurs de l'étude : celles du contrat dans leur ordre, puis les autres.
const CATEGORIES = [...new Set([...Object.keys(D.categories), ...E.categorie])]
  .filter((cle) => cle && E.categorie.includes(cle));
const nomCategorie = (cle) => D.categories[cle] || cle || "catégorie non renseignée";

const groupes = (nombreDeGroupes, valeurs) => {
  const listes = Array.from({ length: nombreDeGroupes }, () => []);
  valeurs.forEach((groupe, rang) => listes[groupe].push(rang));
  return listes;
};
const TOURS_DE = groupes(E.id.length, T.entretien);
const PHRASES_DE = groupes(T.texte.length, P.tour);
const MENTIONS_DE = groupes(P.tour.length, M.phrase);

const entretienDe = (phrase) => T.entretien[P.tour[phrase]];
const texteDe = (phrase) => T.texte[P.tour[phrase]].slice(P.debut[phrase], P.fin[phrase]);
const estQuestion = (phrase) => !T.enquete[P.tour[phrase]];
const estMachine = (codeur) => D.codeurs[codeur].startsWith("machine:");

// Position d'une phrase dans l'entretien, en points de code (celle des fichiers exportés).
const positionDe = (phrase) => {
  const tour = P.tour[phrase], points = (texte) => Array.from(texte).length;
  const debut = T.debut[tour] + points(T.texte[tour].slice(0, P.debut[phrase]));
  return [debut, debut + points(texteDe(phrase))];
};

// Ce qui se dit juste avant (sens -1) ou juste après (sens 1) : une phrase, ou le bord d'un tour voisin
// dont les phrases ne sont pas dans la table.
const voisine = (phrase, sens) => {
  const tour = P.tour[phrase], autre = phrase + sens;
  if (P.tour[autre] === tour) return { texte: texteDe(autre), question: estQuestion(autre) };
  const tourVoisin = tour + sens;
  if (T.entretien[tourVoisin] !== T.entretien[tour]) return null;
  const dedans = PHRASES_DE[tourVoisin];
  if (dedans.length) {
    const choisie = dedans[sens < 0 ? dedans.length - 1 : 0];
    return { texte: texteDe(choisie), question: estQuestion(choisie) };
  }
  const entier = T.texte[tourVoisin], long = entier.length > 240;
  const texte = !long ? entier : sens < 0 ? "… " + entier.slice(-240) : entier.slice(0, 240) + " …";
  return { texte, question: !T.enquete[tourVoisin] };
};

const nombre = (valeur, decimales = 0) => {
  const [entier, reste] = valeur.toFixed(decimales).split(".");
  const milliers = entier.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return reste ? `${milliers},${reste}` : milliers;
};
const pourcent = (part, decimales = 0) => `${nombre(100 * part, decimales)}\u202f%`;
const compte = (n, mot, pluriel = mot + "s") => `${nombre(n)}\u00a0${n < 2 ? mot : pluriel}`;
const dateClaire = (iso) => (/^\d{4}-\d{2}-\d{2}$/.test(iso) ? iso.split("-").reverse().join("/") : iso);

// Un texte sans accents ni majuscules, pour chercher ; « œ » vaut « oe », l'apostrophe courbe la droite.
const plier = (texte) => texte.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
  .replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’ʼ]/g, "'");

// Les motifs d'une recherche : un par mot (début de mot), un par expression entre guillemets.
const motifs = (requete) => {
  const trouves = [];
  for (const [, guillemets, droits, mot] of requete.matchAll(/«\s*([^»]+?)\s*»|"([^"]+)"|([^\s"«»]+)/g)) {
    const exact = guillemets || droits;
    const sur = plier(exact || mot).trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
    if (sur) trouves.push(new RegExp(`(?<![\\p{L}\\p{N}])${sur}${exact ? "(?![\\p{L}\\p{N}])" : ""}`, "gu"));
  }
  return trouves;
};

// Où les motifs tombent dans le texte d'origine : [début, fin] en unités UTF-16.
const occurrences = (texte, lesMotifs) => {
  let plie = "";
  const origine = [];
  let position = 0;
  for (const caractere of texte) {
    const morceau = plier(caractere);
    for (let i = 0; i < morceau.length; i++) origine.push(position);
    plie += morceau;
    position += caractere.length;
  }
  origine.push(position);
  return lesMotifs.flatMap((motif) =>
    [...plie.matchAll(motif)].map((m) => [origine[m.index], origine[m.index + m[0].length]]));
};
