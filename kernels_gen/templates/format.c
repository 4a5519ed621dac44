//@ include formats/FMT.h
//@ if float
//@ include templates/float.c
//@ end
//@ if block32
//@ include templates/block32.c
//@ include templates/unpack32.c
//@ end
//@ if block256
//@ include templates/block256.c
//@ include templates/unpack256.c
//@ end
