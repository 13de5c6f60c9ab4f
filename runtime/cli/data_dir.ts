/** Where runs are kept unless `--data` says otherwise. */
export const DATA_DIR_DEFAULT = ".denizen";
