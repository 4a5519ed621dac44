//@ include formats/FMT.h
//@ if float
//@ include templates/float.c
//@ end
//@ if block32
//@ include templates/block32.c
//@ end
//@ if block256
//@ include templates/block256.c
//@ end
