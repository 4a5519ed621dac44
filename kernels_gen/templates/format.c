//@ include formats/FMT.h
//@ if float
//@ include templates/float.c
//@ include templates/gemv_float.c
//@ end
//@ if block32
//@ include templates/block32.c
#if LLV_INT
//@ include templates/gemv32.c
#endif
//@ include templates/unpack32.c
//@ if few
//@ include templates/few32.c
//@ end
//@ end
//@ if block16
//@ include templates/block16.c
//@ end
//@ if block256
//@ if grid
//@ include templates/grid.c
//@ end
//@ include templates/block256.c
//@ if grid
//@ else
#if LLV_INT
//@ if panel
//@ else
//@ include templates/open.c
//@ end
//@ if runs
#if LLV_GRID
//@ include templates/runs.c
#else
//@ end
//@ include templates/gemv256.c
//@ if runs
#endif
//@ end
#endif
//@ end
//@ include templates/unpack256.c
//@ if few
//@ include templates/few256.c
//@ end
//@ end
