
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_FMT_gemv_n(g, 1);
    else if (g->n == 2) llq_FMT_gemv_n(g, 2);
    else llq_FMT_gemv_n(g, 4);
}
