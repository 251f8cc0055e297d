/** Type of the rows that hold an object as a list of the provider showed it: nothing is asked, its body says it all. */
export const SEEN = 'kassa.seen';
