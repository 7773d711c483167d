/** What belongs to the server in the data folder, and is no recording. */

export const OWN_FOLDER = '.rollcall'
/** Where a folder goes before its files are removed: within the data folder, since a rename cannot leave the disk. */
export const TRASH = [OWN_FOLDER, 'trash'] as const
