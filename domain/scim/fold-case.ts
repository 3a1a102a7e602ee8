/**
 * The one way in which letter case is ignored: for filters, sorting and uniqueness alike. Unicode NFC, then lower case.
 * JavaScript lower-cases a final capital sigma by its position in the word; both small sigmas are made one, so that a
 * prefix of a name folds to a prefix of the folded name.
 */
export const foldCase = (text: string): string => text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ');
