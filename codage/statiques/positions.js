/* Le serveur compte en points de code, JavaScript en unités UTF-16 : un emoji en vaut un là, deux ici. */

export class Positions {
  constructor(texte) {
    this.doubles = []; // rang (en points de code) de chaque caractère à deux unités
    let points = 0;
    for (let i = 0; i < texte.length; i++, points++) {
      if (texte.codePointAt(i) > 0xffff) { this.doubles.push(points); i++; }
    }
  }

  #avant(points) { // combien de caractères doubles avant ce point de code
    let bas = 0, haut = this.doubles.length;
    while (bas < haut) {
      const milieu = (bas + haut) >> 1;
      if (this.doubles[milieu] < points) bas = milieu + 1; else haut = milieu;
    }
    return bas;
  }

  unites(points) { return points + this.#avant(points); }

  points(unites) {
    let bas = 0, haut = this.doubles.length;
    while (bas < haut) { // le double de rang k occupe les unités doubles[k] + k et suivante
      const milieu = (bas + haut) >> 1;
      if (this.doubles[milieu] + milieu < unites) bas = milieu + 1; else haut = milieu;
    }
    return unites - bas;
  }
}
