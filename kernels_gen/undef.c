#if LL_DISPATCH                         /* macros that an instruction set may define in its own way */
//@ undefs
#endif
