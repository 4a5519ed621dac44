#ifdef LL_NAMES                         /* only for >>dispatch, which says what they are for */
//@ names
#endif
