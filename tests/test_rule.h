/* >>rule: what a schema, an expression and a list let through, byte by byte and token by token; refusals with their place;
 * masks against trying every token; random texts that end within their budget; states; replies that keep to a rule. */
#ifndef TEST_RULE_H
#define TEST_RULE_H

/* ' stands for ". Texts of a case are separated by newlines. */
static const struct { const char *schema, *accept, *refuse; } test_rule_cases[] = {
    { "{}", "1\n-0.5e+10\n'a'\n[]\n[1,[{}]]\n{'a':{'b':null}}\ntrue", "01\n'\n[1,]\n{'a':1,'a':2}\n{a:1}\n1.\ntru\n[1}\n" },
    { "true", "null", "nul" },
    { "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'string'}},'required':['b'],'additionalProperties':false}",
      "{'b':''}\n{'a':-12,'b':'x'}", "{}\n{'a':1}\n{'b':'x','a':1}\n{'b':'','c':1}\n{'a':1.5,'b':''}\n{'a':01,'b':''}\n{'b':'x'}x" },
    { "{'type':'object','required':['z'],'additionalProperties':{'type':'boolean'}}",
      "{'z':true}\n{'z':false,'a':true}\n{'z':true,'':false,'\\n':true}", "{}\n{'a':true}\n{'z':true,'z':true}\n{'z':true,'a':true,'a':true}\n{'z':true,'\\u0061':true}" },
    { "{'type':'string','maxLength':3}", "''\n'abc'\n'\\u00e9\\n\\\\'\n'\\ud83d\\ude00\\uD83D\\uDE00'\n'\360\237\230\200'", "'abcd'\n'\\ud83d'\n'\\ude00'\n'\\x'\n'\t'\n'\300\200'\n'\355\240\200'" },
    { "{'type':'string','minLength':2,'maxLength':1000000}", "'ab'\n'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", "''\n'a'\n'\\u0041'" },
    { "{'type':'string','pattern':'^a+b?$','minLength':2,'maxLength':4}", "'aa'\n'ab'\n'aaab'\n'\\u0061b'", "'a'\n'b'\n'aaaab'\n'aba'\n'aaaaa'" },
    { "{'type':'string','pattern':'[0-9]{2}'}", "'12'\n'a12b'\n'1a12'", "''\n'1'\n'1a2'" },
    { "{'type':'string','pattern':'(^|,)x($|;)'}", "'x'\n'a,x'\n'a,x;b'\n'x;'", "'ax'\n',xa'\n''" },
    { "{'type':'string','pattern':'^[^\\\\d\\\\s]\\\\p{Lu}.$'}", "'a\303\2041'\n'\303\244A\\\\'", "'1Ab'\n'aab'\n'aA\\n'" },
    { "{'type':'string','format':'date'}", "'2024-02-29'\n'2000-02-29'\n'1999-12-31'", "'2023-02-29'\n'1900-02-29'\n'2024-13-01'\n'2024-04-31'" },
    { "{'type':'string','format':'date-time'}", "'2024-02-29T23:59:59.5Z'\n'2024-01-01T00:00:00+05:30'", "'2024-02-29'\n'2024-01-01T24:00:00Z'" },
    { "{'type':'string','format':'ipv6'}", "'::'\n'::1'\n'1:2:3:4:5:6:7:8'\n'fe80::1.2.3.4'", "':'\n'1:2:3:4:5:6:7'\n'1::2::3'\n'12345::'" },
    { "{'type':'integer','minimum':-3,'exclusiveMaximum':12}", "-3\n0\n-0\n9\n11", "-4\n12\n1.5\n111\n-10" },
    { "{'type':'number','minimum':0.25,'maximum':1.5}", "0.25\n1\n1.5\n1.50\n0.250000\n1.4999", "0.2\n0.249\n1.51\n2\n-1\n0\n1e0" },
    { "{'type':'number','multipleOf':0.05,'maximum':1}", "0\n0.05\n1\n-1.10\n0.5", "0.01\n1.05\n0.051" },
    { "{'type':'integer','multipleOf':7}", "0\n7\n-14\n70000000000000000000000007", "1\n8\n-15" },
    { "{'enum':[1,'a',null,{'b':[1,2]},'ab',12]}", "1\n12\n'a'\n'ab'\nnull\n{'b':[1,2]}", "2\n'b'\n'\nabc\n{'b':[1]}\n123" },
    { "{'enum':['a','bb',3,5],'type':'string','maxLength':1}", "'a'", "'bb'\n3" },
    { "{'type':['string','null'],'maxLength':1}", "'a'\nnull", "'ab'\nfalse" },
    { "{'type':'integer','nullable':true}", "null\n1", "'a'" },
    { "{'type':'array','items':{'type':'integer'},'minItems':1,'maxItems':3}", "[1]\n[1,2,3]", "[]\n[1,2,3,4]\n['a']\n[1,]" },
    { "{'type':'array','prefixItems':[{'type':'integer'},{'type':'string'}],'items':false,'minItems':1}", "[1]\n[1,'a']", "[]\n['a']\n[1,'a',1]\n[1,1]" },
    { "{'items':[{'type':'integer'}],'additionalItems':{'type':'null'},'type':'array'}", "[]\n[1]\n[1,null,null]", "[null]\n[1,1]" },
    { "{'type':'array','uniqueItems':true,'items':{'type':['string','integer','null']}}", "['1',1]\n[null,'null']\n[1,'1',null]", "[1,1]\n['1','1']\n[null,null]\n['null',1,'null']" },
    { "{'type':'array','uniqueItems':true,'items':{'enum':['1',1,'null',null,true]}}", "['1',1]\n[null,'null',true]", "[1,1]\n['1','1']\n[true,null,true]" },
    { "{'type':'array','items':{'type':'integer'},'contains':{'const':1},'minContains':2,'maxItems':4}", "[1,1]\n[2,1,3,1]", "[1]\n[1,2,3]\n[2,3,4,1]" },
    { "{'type':'array','items':{'type':'integer'},'contains':{'const':1},'minContains':0}", "[]\n[2]\n[1]", "['a']" },
    { "{'type':'object','propertyNames':{'enum':['x','y']}}", "{}\n{'x':1,'y':2}", "{'z':1}\n{'x':1,'x':1}" },
    { "{'type':'integer','if':{'minimum':3},'then':{'multipleOf':2},'else':{'maximum':1}}", "4\n1\n-5", "5\n2" },
    { "{'type':'array','contains':{'const':1},'items':{'type':'integer'},'maxItems':3}", "[1]\n[2,3,1]\n[1,1,1]", "[]\n[2]\n[2,3,4]" },
    { "{'type':'array','items':{'enum':['a','b',1]},'uniqueItems':true}", "[]\n['a',1,'b']", "['a','a']\n[1,1]\n['a','b',1,'a']" },
    { "{'type':'array','items':{'type':'string','pattern':'^[ab]{1,2}$'},'uniqueItems':true,'minItems':6}",
      "['a','b','aa','ab','ba','bb']", "['a','b','aa','ab','ba']\n['a','b','aa','ab','ba','a']" },
    { "{'type':'object','patternProperties':{'^x-':{'type':'integer'},'n$':{'minimum':5}},'additionalProperties':false}",
      "{}\n{'x-a':1}\n{'x-n':5,'an':'s'}", "{'a':1}\n{'x-n':4}\n{'x-a':'s'}" },
    { "{'type':'object','patternProperties':{'^a':false},'additionalProperties':{'type':'null'}}", "{}\n{'b':null,'c':null}", "{'a':null}\n{'ab':1}" },
    { "{'type':'object','properties':{'a':{},'b':{},'c':{}},'minProperties':2,'additionalProperties':false}", "{'a':1,'b':1}\n{'b':1,'c':1}\n{'a':1,'b':1,'c':1}", "{}\n{'a':1}\n{'c':1}" },
    { "{'type':'object','propertyNames':{'pattern':'^[ab]$'},'additionalProperties':{'type':'integer'},'maxProperties':5}", "{'a':1,'b':2}\n{'b':1}", "{'c':1}\n{'a':1,'a':2}\n{'a':1,'b':2,'a':3}" },
    { "{'anyOf':[{'type':'object','properties':{'k':{'const':'a'},'v':{'type':'integer'}},'required':['k','v'],'additionalProperties':false},"
      "{'type':'object','properties':{'k':{'const':'ab'},'w':{'type':'string'}},'required':['k','w'],'additionalProperties':false}]}",
      "{'k':'a','v':1}\n{'k':'ab','w':''}", "{'k':'a','w':''}\n{'k':'ab','v':1}\n{'k':'abc'}" },
    { "{'oneOf':[{'type':'integer','maximum':10},{'type':'integer','minimum':5}]}", "4\n11\n-5\n100", "5\n7\n10\n4.5" },
    { "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'integer'}},'oneOf':[{'required':['a']},{'required':['b']}],'additionalProperties':false}",
      "{'a':1}\n{'b':1}", "{}\n{'a':1,'b':1}" },
    { "{'allOf':[{'properties':{'a':{'minimum':3}}},{'type':'object','properties':{'a':{'type':'integer','maximum':4}},'required':['a']}]}", "{'a':3}\n{'a':4,'b':[]}", "{'a':2}\n{'a':5}\n{}" },
    { "{'type':'string','not':{'enum':['a','b']}}", "''\n'c'\n'ab'", "'a'\n'b'\n'\\u0061'" },
    { "{'type':['integer','string'],'not':{'type':'integer'}}", "'1'", "1" },
    { "{'type':'object','properties':{'c':{'enum':['x','y']},'z':{'type':'string'}},'required':['c'],'if':{'properties':{'c':{'const':'x'}}},"
      "'then':{'properties':{'z':{'maxLength':1}}},'else':{'required':['z']},'additionalProperties':false}", "{'c':'x'}\n{'c':'x','z':'1'}\n{'c':'y','z':'12'}", "{'c':'x','z':'12'}\n{'c':'y'}" },
    { "{'$ref':'#/$defs/n','$defs':{'n':{'type':'object','properties':{'l':{'type':'array','items':{'$ref':'#/$defs/n'},'maxItems':2}},'additionalProperties':false}}}",
      "{}\n{'l':[]}\n{'l':[{},{'l':[{}]}]}", "{'l':[{},{},{}]}\n{'l':[1]}\n{'l':[{'m':1}]}" },
    { "{'$ref':'#there','$defs':{'a/b':{'$anchor':'there','$ref':'#/$defs/m~0~1%20'},'m~/ ':{'const':7}}}", "7", "8" },
    { "{'type':'object','properties':{'a':{},'b':{}},'dependentRequired':{'a':['b']},'additionalProperties':false}", "{}\n{'b':1}\n{'a':1,'b':1}", "{'a':1}" },
    { "{'type':'object','allOf':[{'properties':{'a':{}}}],'properties':{'b':{}},'unevaluatedProperties':false}", "{'a':1,'b':1}\n{}", "{'c':1}" },
    { "{'type':'array','items':{'type':'integer'},'contains':{'minimum':10},'maxContains':2,'maxItems':6}", "[10]\n[1,10,2,11]\n[10,10,1,1]", "[]\n[1,2]\n[10,10,10]\n[10,1,10,10]" },
    { "{'type':'array','items':{'type':'integer'},'contains':{'minimum':10},'minContains':0,'maxContains':1}", "[]\n[1]\n[1,10,2]", "[10,10]\n['a']" },
    { "{'type':'array','items':{'enum':[1,2]},'contains':{'const':1},'minContains':0,'maxContains':0,'minItems':1}", "[2]\n[2,2]", "[]\n[1]\n[2,1]" },
    { "{'type':'array','items':{'const':1},'contains':{'const':1},'maxContains':3,'minItems':2}", "[1,1]\n[1,1,1]", "[1]\n[1,1,1,1]" },
    { "{'type':'array','prefixItems':[{'type':'integer'}],'unevaluatedItems':{'type':'string'}}", "[]\n[1]\n[1,'a','b']", "['a']\n[1,2]" },
    { "{'type':'array','allOf':[{'prefixItems':[true,{'const':2}]}],'unevaluatedItems':false}", "[]\n[1]\n['x',2]", "[1,3]\n[1,2,3]" },
    { "{'type':'array','allOf':[{'items':{'type':'integer'}}],'unevaluatedItems':false}", "[]\n[1,2]", "['a']" },
    { "{'properties':{'a':{'type':'integer'},'b':{}},'type':'object','dependentSchemas':{'a':{'required':['b'],'properties':{'b':{'const':3}}}},'additionalProperties':false}",
      "{}\n{'b':1}\n{'a':1,'b':3}", "{'a':1}\n{'a':1,'b':1}" },
    { "{'properties':{'a':{},'b':{},'c':{}},'type':'object','dependencies':{'a':['b'],'c':{'maxProperties':1},'x':true},'additionalProperties':false}", "{}\n{'b':1}\n{'a':1,'b':1}\n{'c':1}",
      "{'a':1}\n{'b':1,'c':1}" },
    { "{'enum':[{'a':1},{'a':1,'b':2},{'b':2}],'dependentRequired':{'a':['b']},'dependentSchemas':{'b':{'minProperties':2}}}", "{'a':1,'b':2}", "{'a':1}\n{'b':2}" },
    { "{'enum':[[1],[1,1],[2]],'contains':{'const':1},'maxContains':1}", "[1]", "[1,1]\n[2]" },
    { "{'enum':['','a','bb',3],'not':{'pattern':'^.?$'}}", "'bb'", "''\n'a'\n3" },
    { "{'enum':[{'k':1},{'k':2},4],'if':{'required':['k']},'then':{'properties':{'k':{'const':2}}}}", "{'k':2}\n4", "{'k':1}" },
    { "{'type':'array','items':{'type':'integer'},'not':{'minItems':2}}", "[]\n[1]", "[1,2]" },
    { "{'type':'array','items':{'type':'integer'},'not':{'maxItems':1},'maxItems':3}", "[1,2]\n[1,2,3]", "[]\n[1]\n[1,2,3,4]" },
    { "{'type':'array','items':{'type':['integer','string']},'not':{'items':{'type':'string'}}}", "[1]\n['a',1,'b']", "[]\n['a']" },
    { "{'type':'array','items':{'type':['integer','null']},'not':{'contains':{'type':'null'}}}", "[]\n[1,2]", "[null]\n[1,null]" },
    { "{'type':'object','additionalProperties':{'type':'integer'},'not':{'minProperties':2}}", "{}\n{'a':1}", "{'a':1,'b':1}" },
    { "{'type':'object','additionalProperties':{'type':'integer'},'not':{'maxProperties':1},'maxProperties':2}", "{'a':1,'b':1}", "{}\n{'a':1}\n{'a':1,'b':1,'c':1}" },
    { "{'type':'integer','not':{'oneOf':[{'minimum':3},{'multipleOf':2}]}}", "1\n4\n6", "2\n3\n5" },
    { "{'type':'integer','not':{'if':{'minimum':3},'then':{'multipleOf':2},'else':{'multipleOf':3}}}", "3\n5\n1\n2", "4\n6\n0" },
    { "{'oneOf':[{'type':'object','properties':{'a':{'type':'string'}},'required':['a'],'additionalProperties':true},"
      "{'type':'object','properties':{'b':{'type':'integer'}},'required':['b'],'additionalProperties':{}}]}", "{'a':''}\n{'a':'','b':''}\n{'b':1}\n{'a':1,'b':1}", "{}\n{'a':'','b':1}" },
    { "{'type':'object','propertyNames':{'const':'x'}}", "{}\n{'x':1}", "{'y':1}" },
    { "{'type':'object','propertyNames':{'allOf':[{'minLength':2},{'not':{'enum':['ab','abc']}},{'not':{'pattern':'z'}}]}}", "{}\n{'aa':1,'abcd':2}", "{'a':1}\n{'ab':1}\n{'abz':1}" },
    { "{'$dynamicAnchor':'n','type':'object','properties':{'k':{'type':'array','items':{'$dynamicRef':'#n'}},'r':{'$recursiveRef':'#'}},'additionalProperties':false}",
      "{}\n{'k':[{},{'k':[]}],'r':{}}", "{'k':[1]}\n{'r':1}" },
    { "{'type':'object','if':{'properties':{'a':{'const':1}},'required':['a']},'unevaluatedProperties':false}", "{'a':1}\n{}", "{'a':2}\n{'b':1}" },
    /* documents inside of one: $id, and anchors of each */
    { "{'$id':'http://a.b/c/d.json','$ref':'../e.json#n','$defs':{'e':{'$id':'/e.json','$defs':{'x':{'$anchor':'n','$ref':'#/$defs/y'},'y':{'const':1}}},"
      "'y':{'const':2},'x':{'$anchor':'n','const':3}}}", "1", "2\n3" },
    { "{'$id':'http://a.b?q','$ref':'c/./d/../e','$defs':{'e':{'$id':'http://a.b/c/e','items':{'$ref':'?r'},'type':'array'},'r':{'$id':'http://a.b/c/e?r','const':1}}}", "[1]", "[2]\n1" },
    { "{'$id':'urn:x:y','properties':{'a':{'$ref':'urn:x:y#/$defs/b'},'c':{'$ref':'#d'}},'type':'object','$defs':{'b':{'type':'null'},'d':{'$anchor':'d','const':5}}}", "{'a':null,'c':5}", "{'a':1}\n{'c':1}" },
    { "{'type':'array','items':{'$id':'i','$ref':'#/$defs/x','$defs':{'x':{'const':1}}},'$defs':{'x':{'const':2}},'$schema':'https://json-schema.org/draft/2020-12/schema'}", "[1]", "[2]" },
    { "{'allOf':[{'$ref':'#/$defs/x'}],'$defs':{'x':{'const':2}},'enum':[1,2],'default':{'$id':'y'},'properties':{'$id':{'type':'string'}}}", "2", "1" },
    { "{'id':'http://a.b/','$ref':'c#z','definitions':{'c':{'id':'c','definitions':{'z':{'id':'#z','const':1}}},'z':{'id':'#z','const':2}}}", "1", "2" },
    /* anchors that are looked for from where one came: the same document, by two ways */
    { "{'$id':'http://a.b/r','prefixItems':[{'$ref':'strict'},{'$ref':'tree'}],'items':false,'type':'array','$defs':{"
      "'tree':{'$id':'tree','$dynamicAnchor':'n','type':'object','properties':{'v':true,'k':{'type':'array','items':{'$dynamicRef':'#n'}}}},"
      "'strict':{'$id':'strict','$dynamicAnchor':'n','$ref':'tree','unevaluatedProperties':false}},'$schema':'https://json-schema.org/draft/2020-12/schema'}",
      "[{'v':1,'k':[{'v':2},{'k':[{}]}]},{'x':1}]\n[{},{'k':[{'x':1}]}]", "[{'x':1}]\n[{'k':[{'x':1}]}]\n[{'k':[{'k':[{'x':1}]}]}]" },
    { "{'$id':'http://a.b/r','anyOf':[{'$ref':'ints'},{'$ref':'texts'}],'$defs':{'list':{'$id':'list','type':'array','items':{'$dynamicRef':'#e'},'$defs':{'e':{'$dynamicAnchor':'e','not':true}}},"
      "'ints':{'$id':'ints','$ref':'list','$defs':{'e':{'$dynamicAnchor':'e','type':'integer'}}},"
      "'texts':{'$id':'texts','$ref':'list','$defs':{'e':{'$dynamicAnchor':'e','type':'string'}}}},'$schema':'https://json-schema.org/draft/2020-12/schema'}",
      "[]\n[1,2]\n['a','b']", "[1,'a']\n[null]" },
    { "{'enum':[[1],['a'],[[]]],'$ref':'ints','$defs':{'list':{'$id':'list','type':'array','items':{'$dynamicRef':'#e'},'$defs':{'e':{'$dynamicAnchor':'e'}}},"
      "'ints':{'$id':'ints','allOf':[{'$ref':'list'}],'$defs':{'e':{'$dynamicAnchor':'e','type':'integer'}}}}}", "[1]", "['a']\n[[]]" }
};

/* Refused: the pointer that the fault has, and the keyword. */
static const struct { const char *schema, *pointer, *keyword; } test_rule_refusals[] = {
    { "{'properties':{'a':{'pattern':'(?=x)'}}}", "/properties/a", "pattern" },
    { "{'properties':{'a':{'pattern':'(a)\\\\1'}}}", "/properties/a", "pattern" },
    { "{'items':{'type':'string','pattern':'(a'}}", "/items", "pattern" },
    { "{'type':'text'}", "", "type" },
    { "{'type':'string','pattern':'^(a|b)*a(a|b){14}$'}", "", "pattern" },
    { "{'$ref':'other.json'}", "", "$ref" },
    { "{'$ref':'#/nowhere'}", "", "$ref" },
    { "{'allOf':[{'$ref':'#'}]}", "/allOf/0", "$ref" },
    { "{'type':'object','properties':{'n':{'$ref':'#'}},'required':['n']}", "/properties/n", "$ref" },
    { "{'type':'array','contains':{'const':1},'unevaluatedItems':false}", "", "unevaluatedItems" },
    { "{'type':'array','contains':{'const':1},'minContains':3,'maxContains':2}", "", "maxContains" },
    { "{'type':'array','not':{'contains':{'const':1},'minContains':2}}", "/not", "not" },
    { "{'type':'array','not':{'prefixItems':[{'const':1}]}}", "/not", "not" },
    { "{'type':'array','not':{'uniqueItems':true}}", "/not", "not" },
    { "{'type':'object','not':{'additionalProperties':false}}", "/not", "not" },
    { "{'type':'object','dependentSchemas':{'a':['b']}}", "", "dependentSchemas" },
    { "{'type':'object','dependentRequired':{'a':true}}", "", "dependentRequired" },
    { "{'type':'object','propertyNames':{'anyOf':[{'pattern':'^a'},{'pattern':'^b'}]}}", "/propertyNames", "propertyNames" },
    { "{'type':'object','propertyNames':{'not':{'pattern':'a','maxLength':2}}}", "/propertyNames", "propertyNames" },
    { "{'enum':[{'a':1}],'unevaluatedProperties':false,'allOf':[{'properties':{'a':{}}}]}", "", "unevaluatedProperties" },
    { "{'$dynamicRef':'#x'}", "", "$ref" },
    { "{'$id':'http://a.b/c','items':{'$id':'d/','additionalProperties':{'$ref':'c'}}}", "/items/additionalProperties", "$ref" },
    { "{'$ref':'#/$defs/a','$defs':{'a':{'$id':'b','$ref':'#/$defs/a','$defs':{'a':true}}}}", "/$defs/a", "$id" },
    { "{'$ref':'b','$defs':{'a':{'$id':'b'},'c':{'$id':'b'}}}", "/$defs/c", "$id" },
    { "{'type':'array','uniqueItems':true,'items':{'type':'array'}}", "/items", "uniqueItems" },
    { "{'type':'integer','minimum':2,'maximum':1}", "", "maximum" },
    { "{'type':'string','minLength':3,'maxLength':2}", "", "maxLength" },
    { "{'type':'object','properties':{'a':{'allOf':[{'type':'string'},{'type':'null'}]}},'required':['a']}", "/properties/a", "allOf" },
    { "{'oneOf':[{'type':'null'},{'type':'null'}]}", "", "oneOf" },
    { "{'oneOf':[{'type':'object','additionalProperties':false},{'type':'object','patternProperties':{'a':{'type':'null'}}}]}", "/oneOf/1", "not" },
    { "{'type':'array','minItems':2,'items':{'const':1},'uniqueItems':true}", "", "minItems" },
    { "{'type':'object','required':['a'],'additionalProperties':false}", "", "additionalProperties" },
    { "{'enum':[]}", "", "enum" },
    { "false", "", "false" },
    { "[1]", "", "a schema is" },
    { "{'required':true}", "", "required" }
};

static const struct { const char *pattern, *accept, *refuse; } test_rule_expressions[] = {
    { "^(yes|no)$", "yes\nno", "y\nyess\nmaybe" },
    { "^a{2,3}?(?:b|[c-e]+)$", "aab\naaacde", "ab\naaaab\naaf" },
    { "\\d", "x1\n1\n\303\2441", "x" },
    { "^\\u{1F600}[\\x41-\\u0043]\\.$", "\360\237\230\200B.", "\360\237\230\200D.\n\360\237\230\200Bx" }
};

static llocal_str test_rule_text(const char *s, char *out) {
    llocal_str t;
    t.ptr = out, t.len = strlen(s);
    for (size_t i = 0; i < t.len; i++) out[i] = s[i] == '\'' ? '"' : s[i];
    return t;
}

static llocal_result test_rule_open(const llocal_model *m, llocal_rule_kind kind, llocal_str text, unsigned flags, llocal_fault *fault, llocal_rule **r) {
    llocal_rule_desc d;
    memset(&d, 0, sizeof d);
    d.kind = kind, d.text = text, d.flags = flags, d.mask_bytes = 1 << 20;
    return llocal_rule_open(m, &d, fault, r);
}

/* Is this text, from the beginning, one that the rule lets through and that may end? */
static bool test_rule_takes(llocal_rule *r, const char *s, size_t len) {
    llocal_rule_state st;
    memset(&st, 0, sizeof st);
    return llocal_rule_accept_text(r, &st, s, len) == len && llocal_rule_can_end(r, &st);
}

static void test_rule_lines(llocal_rule *r, const char *lines, bool want) {
    char text[2000];
    for (const char *p = lines; *p;) {
        const char *end = strchr(p, '\n');
        size_t len = end ? (size_t)(end - p) : strlen(p);
        test_rule_text(p, text);
        if (test_rule_takes(r, text, len) == want) t_passed++;
        else t_fail(__FILE__, __LINE__, want ? "a text is not accepted:" : "a text is not refused:"), printf("       %.*s\n", (int)len, text);
        p += len + (end != NULL);
    }
}

static void test_rule_tables(void) {
    char text[2000];
    llocal_rule *r;
    llocal_fault f;
    TEST("rule cases");
    for (int i = 0; i < LL_COUNT(test_rule_cases); i++)
        for (int any = 0; any < 2; any++) {
            memset(&f, 0, sizeof f);
            if (test_rule_open(NULL, LLOCAL_RULE_SCHEMA, test_rule_text(test_rule_cases[i].schema, text), LLOCAL_RULE_STRICT, &f, &r)) {
                CHECK(!"a schema is refused");
                printf("       %s: %s\n", test_rule_cases[i].schema, f.message);
                continue;
            }
            test_rule_lines(r, test_rule_cases[i].accept, true);
            test_rule_lines(r, test_rule_cases[i].refuse, false);
            llocal_rule_close(r);
        }
    for (int i = 0; i < LL_COUNT(test_rule_expressions); i++) {
        CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_REGEX, ll_str(test_rule_expressions[i].pattern), 0, NULL, &r), LLOCAL_OK);
        test_rule_lines(r, test_rule_expressions[i].accept, true);
        test_rule_lines(r, test_rule_expressions[i].refuse, false);
        llocal_rule_close(r);
    }
    TEST("rule refusals");
    for (int i = 0; i < LL_COUNT(test_rule_refusals); i++) {
        char want[80];
        memset(&f, 0, sizeof f);
        snprintf(want, sizeof want, ": %s", test_rule_refusals[i].keyword);
        CHECK(test_rule_open(NULL, LLOCAL_RULE_SCHEMA, test_rule_text(test_rule_refusals[i].schema, text), 0, &f, &r) != LLOCAL_OK);
        CHECK(r == NULL);
        if (!strcmp(f.pointer, test_rule_refusals[i].pointer) && strstr(f.message, want)) { t_passed++; continue; }
        CHECK(!"another place or keyword");
        printf("       %s: '%s' %s\n", test_rule_refusals[i].schema, f.pointer, f.message);
    }
}

/* Orders, white space, tools, choices. */
static void test_rule_options(void) {
    static const char two[] = "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'integer'}},'required':['a','b']}";
    static const char tools[] = "[{'type':'function','function':{'name':'f','parameters':{'type':'object','properties':{'x':{'$ref':'#/$defs/x'}},'required':['x'],"
                                "'$defs':{'x':{'type':'integer'}}}}},{'name':'ff'},{'name':'g','inputSchema':{'properties':{'y':{'type':'null'}}}}]";
    const llocal_str words[] = { { "yes", 3 }, { "yesterday", 9 }, { "no", 2 } };
    char text[1000];
    llocal_rule_desc d;
    llocal_rule *r;
    TEST("rule options");
    memset(&d, 0, sizeof d);
    d.kind = LLOCAL_RULE_SCHEMA, d.text = test_rule_text(two, text), d.flags = LLOCAL_RULE_ANY_ORDER;
    CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_OK);
    test_rule_lines(r, "{'b':1,'a':1}\n{'a':1,'b':1}\n{'c':1,'b':1,'a':1}", true);
    test_rule_lines(r, "{'b':1,'b':1}\n{'b':1}\n{'a':1,'b':1,'a':1}", false);
    llocal_rule_close(r);
    d.flags = 0, d.space = LLOCAL_RULE_SPACE_ONE;
    CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_OK);
    test_rule_lines(r, "{'a': 1, 'b': 1}\n{'a': 1, 'b': 1, 'c': [1, {'d': 2}]}", true);
    test_rule_lines(r, "{'a':1,'b':1}\n{'a': 1,'b': 1}\n{'a': 1, 'b': 1 }", false);
    llocal_rule_close(r);
    d.space = LLOCAL_RULE_SPACE_FREE;
    CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_OK);
    test_rule_lines(r, "{'a':1,'b':1}\n{ 'a':  1 ,  'b': 1 , 'c':[ ] }", true);
    test_rule_lines(r, "{'a':1,'b':1}  \n{'a':1                                        ,'b':1}\n{'a':1 1,'b':1}", false);
    llocal_rule_close(r);
    d.space = LLOCAL_RULE_SPACE_NONE, d.kind = LLOCAL_RULE_TOOLS, d.text = test_rule_text(tools, text);
    CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_OK);
    test_rule_lines(r, "{'name':'f','arguments':{'x':1}}\n{'name':'ff','arguments':{}}\n{'name':'g','arguments':{'y':null}}", true);
    test_rule_lines(r, "{'name':'f','arguments':{}}\n{'name':'ff','arguments':{'x':1}}\n{'name':'g','arguments':[]}\n{'name':'h','arguments':{}}", false);
    llocal_rule_close(r);
    d.kind = LLOCAL_RULE_CHOICES, d.choices = words, d.n_choices = 3;
    CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_OK);
    test_rule_lines(r, "yes\nyesterday\nno", true);
    test_rule_lines(r, "yest\nnot\nn", false);
    llocal_rule_close(r);
    d.flags = 1024;
    CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_ERR_ARGUMENT);
}

/* ---- grammars and pieces ---- */

static const struct { const char *grammar, *accept, *refuse; } test_rule_grammars[] = {
    { "root ::= \"a\" | \"b\" # or\n", "a\nb", "ab\nc\n" },
    { "root ::= item (\",\" item)*\nitem ::= [a-c]{2,3} | \"(\" root \")\"", "ab\nabc,aa\n(ab,(cc))", "a\nabcc\n(ab\nab,\n" },
    { "root ::= [^\\x41-Z\\]]+ \"!\"?\n", "abc\n1!\n\303\244", "A\n]\n" },
    { "root ::= ws \"{\" ws \"}\"\nws ::= ([ \\t] ws)?", "{}\n  { \t}", "{\n} {" },
    { "root ::= expr\nexpr ::= term ([-+*/] term)*\nterm ::= num | \"(\" expr \")\"\nnum ::= [0-9]+", "1+2*(3-44)\n7", "1+\n(1\n+1" },
    { "root ::= (\"a\"? \"b\"?)* .{2}", "xy\nabbaxy\n\303\244\303\266", "x" },
    { "root ::= \"x\"{0,2} (\"y\"){3} \"\\u00e4\\U0001F600\"", "xxyyy\303\244\360\237\230\200\nyyy\303\244\360\237\230\200", "xxxyyy\303\244\360\237\230\200\nyy\303\244\360\237\230\200" },
    { "root ::= \n  \"a\"\n  | (\n \"b\"\n )\n", "a\nb", "ab" },
    { "root ::= \"k1\"|\"k2\"|\"k3\"|\"k4\"|\"k5\"|\"k6\"|\"k7\"|\"k8\"|\"k9\"|\"l1\"|\"l2\"|\"l3\"|\"l4\"|\"l5\"|\"l6\"|\"l7\"|\"l8\"|\"l9\"|\"m\" .", "k1\nk9\nl8\nl9\nmm", "m\nk\nk0" }
};
/* Where it is wrong: line and column, and a word of why. */
static const struct { const char *grammar; int line, column; const char *why; } test_rule_wrong_grammars[] = {
    { "", 1, 1, "root" }, { "root ::= \"a", 1, 10, "closed" }, { "root ::= [a", 1, 10, "closed" }, { "root ::= (\"a\"", 1, 10, "closed" },
    { "root ::= \"a\")", 1, 13, "opened" }, { "root ::= a", 1, 10, "no rule" }, { "root ::= \"a\"\nroot ::= \"b\"", 2, 1, "already" },
    { "a ::= \"b\"", 1, 1, "root" }, { "root ::= *", 1, 10, "repeat" }, { "root ::= \"a\"{3,2}", 1, 13, "count" }, { "root ::= \"\\q\"", 1, 11, "escape" },
    { "root ::= [z-a]", 1, 10, "backwards" }, { "root ::= []", 1, 10, "characters" }, { "root ::= \"a\"\n  x ::= x \"b\"", 2, 3, "recursion" },
    { "root ::= y\nx ::= \"a\"? y\ny ::= (x | \"b\") \"c\"", 2, 1, "recursion" }, { "root ::= <tool>", 1, 10, "model" }, { "root ::= \"a\" b ::= \"c\"", 1, 14, "line" },
    { "root ::= r\nr ::= \"a\" r", 1, 0, "" }, { "root = \"a\"", 1, 1, "::=" }
};
static void test_rule_gbnf(void) {
    llocal_fault f;
    llocal_rule *r;
    static char many[200000];
    size_t n = 0;
    TEST("rule grammars");
    for (int i = 0; i < LL_COUNT(test_rule_grammars); i++) {
        memset(&f, 0, sizeof f);
        CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_GRAMMAR, ll_str(test_rule_grammars[i].grammar), 0, &f, &r), LLOCAL_OK);
        if (!r) { printf("       %s\n", f.message); continue; }
        test_rule_lines(r, test_rule_grammars[i].accept, true);
        test_rule_lines(r, test_rule_grammars[i].refuse, false);
        llocal_rule_close(r);
    }
    for (int i = 0; i < LL_COUNT(test_rule_wrong_grammars); i++) {
        memset(&f, 0, sizeof f);
        CHECK(test_rule_open(NULL, LLOCAL_RULE_GRAMMAR, ll_str(test_rule_wrong_grammars[i].grammar), 0, &f, &r) != LLOCAL_OK && !r);
        if (test_rule_wrong_grammars[i].column && (f.line != test_rule_wrong_grammars[i].line || f.column != test_rule_wrong_grammars[i].column || !strstr(f.message, test_rule_wrong_grammars[i].why)))
            t_fail(__FILE__, __LINE__, "another place or reason"), printf("       %s: %s\n", test_rule_wrong_grammars[i].grammar, f.message);
    }
    for (int i = 0; i < 3000; i++) n += (size_t)snprintf(many + n, sizeof many - n, i ? "r%d ::= r%d\n" : "root ::= r%d\n", i ? i : 1, i + 1);     /* a long way to the first byte */
    snprintf(many + n, sizeof many - n, "r3000 ::= \"a\"");
    CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_GRAMMAR, ll_str(many), 0, &f, &r), LLOCAL_ERR_FORMAT);
    memset(many, '(', 100), memcpy(many, "root ::= ", 9), many[100] = 0;
    CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_GRAMMAR, ll_str(many), 0, &f, &r), LLOCAL_ERR_FORMAT);
    for (n = 0; n < 1000; ) n += (size_t)snprintf(many + n, sizeof many - n, n ? "|\"w%d\"" : "root ::= \"w%d\"", (int)n);     /* many ways on */
    CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_GRAMMAR, ll_str(many), 0, &f, &r), LLOCAL_OK);
    CHECK(test_rule_takes(r, "w0", 2) && test_rule_takes(r, "w987", 4) == (strstr(many, "\"w987\"") != NULL) && test_rule_takes(r, strstr(many + 900, "\"w") + 1, 4) && !test_rule_takes(r, "w1", 2));
    llocal_rule_close(r);
    CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_GRAMMAR, ll_str("root ::= (\"a\" | \"a\" | \"aa\" | \"aaa\")*"), 0, &f, &r), LLOCAL_OK);   /* as many readings as there may be */
    CHECK(test_rule_takes(r, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 40) && !test_rule_takes(r, "aab", 3));
    llocal_rule_close(r);
}

/* A list of moves, in words: (n | s) or a list of them in brackets. */
static void test_rule_pieces(void) {
    static const int all[] = { 1, 2 }, one[] = { 3, 4 }, list[] = { 5, 0, 6, 7 }, rest[] = { 8 }, more[] = { 9, 0 };
    llocal_piece p[10];
    llocal_rule_desc d;
    llocal_rule *r;
    llocal_fault f;
    TEST("rule pieces");
    memset(p, 0, sizeof p), memset(&d, 0, sizeof d), memset(&f, 0, sizeof f);
    p[0].kind = LLOCAL_PIECE_CHOICE, p[0].parts = all, p[0].n_parts = 2;
    p[1].kind = LLOCAL_PIECE_SEQUENCE, p[1].parts = one, p[1].n_parts = 2;
    p[2].kind = LLOCAL_PIECE_SEQUENCE, p[2].parts = list, p[2].n_parts = 4;
    p[3].text = ll_str("go "), p[4].kind = LLOCAL_PIECE_CHARACTERS, p[4].text = ll_str("[ns]|up");
    p[5].text = ll_str("["), p[6].kind = LLOCAL_PIECE_REPEAT, p[6].parts = rest, p[6].n_parts = 1, p[6].max = 2, p[7].text = ll_str("]");
    p[8].kind = LLOCAL_PIECE_SEQUENCE, p[8].parts = more, p[8].n_parts = 2, p[9].text = ll_str("; ");
    d.kind = LLOCAL_RULE_PIECES, d.pieces = p, d.n_pieces = 10;
    CHECK_EQ(llocal_rule_open(NULL, &d, &f, &r), LLOCAL_OK);
    test_rule_lines(r, "go n\ngo up\n[go s]\n[go s; go n; [go up]]", true);
    test_rule_lines(r, "go\n[]\n[go s; go n; go s; go n]\n[go s;]\ngo x", false);
    llocal_rule_close(r);
    p[2].parts = list + 1, p[2].n_parts = 3;            /* begins with itself */
    CHECK_EQ(llocal_rule_open(NULL, &d, &f, &r), LLOCAL_ERR_FORMAT);
    CHECK(strstr(f.message, "recursion") != NULL);
    p[2].parts = list, p[2].n_parts = 4, p[6].min = 3;
    CHECK_EQ(llocal_rule_open(NULL, &d, &f, &r), LLOCAL_ERR_ARGUMENT);
    p[6].min = 0, d.n_pieces = 9;
    CHECK_EQ(llocal_rule_open(NULL, &d, &f, &r), LLOCAL_ERR_ARGUMENT);
    CHECK(strstr(f.message, "piece 8") != NULL);
    d.n_pieces = 0;
    CHECK_EQ(llocal_rule_open(NULL, &d, &f, &r), LLOCAL_ERR_ARGUMENT);
}

/* ---- with tokens ---- */

/* A random text: tokens that the mask allows, within a budget; masks now and then against every token. */
static void test_rule_walk(llocal_model *m, llocal_rule *r, uint32_t *mask, bool every) {
    int n_vocab = llocal_model_hparams(m)->n_vocab, left, len = 0, wrong = 0;
    llocal_rule_state st, tried;
    llocal_json_node nodes[400];
    llocal_json j;
    static char out[20000];
    memset(&st, 0, sizeof st), memset(&j, 0, sizeof j);
    left = llocal_rule_need(r, &st) + (int)(t_random() % 30);
    CHECK(left > 0 && left < 1000);
    while (left > 0) {
        int pick = -1, n = 0;
        if (llocal_rule_mask(r, &st, left, mask)) break;
        for (int t = 0; t < n_vocab; t++) if (mask[t >> 5] >> (t & 31) & 1 && t_random() % (unsigned)++n == 0) pick = t;
        for (int t = 0; t < n_vocab && every && t_random() % 8 == 0; t += 1 + (int)(t_random() % 3)) {
            bool may;
            tried = st, may = llocal_rule_accept(r, &tried, t) && (llocal_token_is_end(m, t) || llocal_rule_need(r, &tried) < left);
            wrong += may != (mask[t >> 5] >> (t & 31) & 1);
        }
        if (pick < 0 || llocal_token_is_end(m, pick)) break;
        tried = st;
        if (!llocal_rule_accept(r, &st, pick)) { CHECK(!"a token of the mask is not accepted"); break; }
        n = llocal_token_text(m, pick, false, out + len, 300);
        CHECK(llocal_rule_accept_text(r, &tried, out + len, (size_t)n) == (size_t)n);
        CHECK(!memcmp(&tried, &st, sizeof st));                /* equal texts, equal bytes */
        len += n, left--;
        if (len > 19000) break;
        if (llocal_rule_need(r, &st) > left) { CHECK(!"more is needed than is left"); break; }
    }
    CHECK_EQ(wrong, 0);
    if (!llocal_rule_can_end(r, &st) || !test_rule_takes(r, out, (size_t)len)) t_fail(__FILE__, __LINE__, "a text does not end"), printf("       %.*s\n", len, out);
    else t_passed++;
    j.text = out, j.len = (size_t)len, j.nodes = nodes, j.cap = 400;
    CHECK(llocal_json_read(&j, NULL) > 0);
}

static llocal_model *test_rule_model(const char *path) {
    llocal_source src;
    llocal_model *m = NULL;
    memset(&src, 0, sizeof src);
    src.path = path, src.vocab_only = true;
    return llocal_model_open(&src, &m) ? NULL : m;
}

static void test_rule_tokens(const char *path, int walks, bool every) {
    llocal_model *m = test_rule_model(path);
    char text[2000];
    uint32_t *mask;
    TEST("rule tokens");
    if (!m) { SKIP(path); return; }
    mask = (uint32_t *)calloc((size_t)llocal_model_hparams(m)->n_vocab / 32 + 1, 4);
    for (int i = 0; i < LL_COUNT(test_rule_cases) && mask; i++) {
        llocal_rule *r;
        unsigned flags = i % 3 ? 0 : LLOCAL_RULE_ANY_ORDER;
        CHECK_EQ(test_rule_open(m, LLOCAL_RULE_SCHEMA, test_rule_text(test_rule_cases[i].schema, text), flags, NULL, &r), LLOCAL_OK);
        for (int k = 0; r && k < walks; k++) test_rule_walk(m, r, mask, every);
        llocal_rule_close(r);
    }
    free(mask);
    llocal_model_close(m);
}

/* States of random bytes are refused, or do no harm. */
static void test_rule_states(void) {
    static const char schema[] = "{'type':'object','properties':{'a':{'type':'array','items':{'enum':['x','y',1]},'uniqueItems':true},'b':{'type':'string','pattern':'^a*$'}}}";
    char text[400];
    llocal_rule *r;
    llocal_rule_state st, was;
    TEST("rule states");
    CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_SCHEMA, test_rule_text(schema, text), 0, NULL, &r), LLOCAL_OK);
    for (int i = 0; i < 3000 && r; i++) {
        static const char all[] = "{\"a\":[\"x\",1],\"b\":\"aa\",\"c\":{\"d\":[1,2]}}";
        size_t cut = t_random() % sizeof all;
        memset(&st, 0, sizeof st);
        CHECK_EQ(llocal_rule_accept_text(r, &st, all, LL_MIN(cut, sizeof all - 1)), LL_MIN(cut, sizeof all - 1));
        for (int k = 0; k < 1 + i % 3; k++) ((uint8_t *)&st)[t_random() % LL_MIN(st.n_cells * 24 + 140, sizeof st)] = (uint8_t)(t_random() % 5 ? t_random() % 8 : t_random());
        was = st;
        llocal_rule_can_end(r, &st), llocal_rule_must_end(r, &st), llocal_rule_need(r, &st);
        if (llocal_rule_accept_text(r, &st, ",\"", 2) != 2) CHECK(!memcmp(&st, &was, sizeof st));
    }
    llocal_rule_close(r);
}

static int test_rule_calls, test_rule_fail_at, test_rule_live;
static void *test_rule_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    (void)user;
    if (new_size && ++test_rule_calls == test_rule_fail_at) return NULL;
    test_rule_live += (new_size && !ptr) - (!new_size && ptr);
    return ll_default_resize(NULL, ptr, old_size, new_size);
}
static void test_rule_memory(void) {
    char text[2000];
    llocal_rule_desc d;
    llocal_rule *r;
    int n;
    TEST("rule memory");
    memset(&d, 0, sizeof d);
    d.kind = LLOCAL_RULE_SCHEMA, d.text = test_rule_text(test_rule_cases[27].schema, text), d.allocator.resize = test_rule_resize;
    test_rule_calls = test_rule_live = 0, test_rule_fail_at = -1;
    CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_OK);
    CHECK_EQ(test_rule_live, 1);
    llocal_rule_close(r);
    CHECK_EQ(test_rule_live, 0);
    n = test_rule_calls;
    for (test_rule_fail_at = 1; test_rule_fail_at <= n; test_rule_fail_at++) {
        test_rule_calls = 0;
        CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_ERR_MEMORY);
        CHECK(r == NULL && test_rule_live == 0);
    }
    test_rule_fail_at = -1, d.max_bytes = 20000;
    CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_ERR_FULL);
    CHECK_EQ(test_rule_live, 0);
}

/* The default model keeps to a rule, whatever the limit; what cannot is refused at the start. */
static void test_rule_reply(void) {
    static const char schema[] = "{'type':'object','properties':{'title':{'type':'string','maxLength':40},'tags':{'type':'array','items':{'enum':['red','blue']},"
                                 "'maxItems':3},'n':{'type':'integer','minimum':0,'maximum':99}},'required':['title','tags','n'],'additionalProperties':false}";
    llocal_source src;
    llocal_model *m = NULL, *other = test_rule_model("examples/tiny.gguf");
    llocal_reply r, *list[1];
    llocal_rule *rule = NULL, *strange = NULL;
    llocal_token prompt[8];
    char text[500], said[500], again[500];
    int need, n;
    bool done = false;
    TEST("rule replies");
    memset(&src, 0, sizeof src), memset(&r, 0, sizeof r);
    src.path = "examples/tiny.gguf";
    if (!other || llocal_model_open(&src, &m) || llocal_context_open(m, NULL, &r.context)) { SKIP("no examples/tiny.gguf"); return; }
    CHECK_EQ(test_rule_open(m, LLOCAL_RULE_SCHEMA, test_rule_text(schema, text), 0, NULL, &rule), LLOCAL_OK);
    CHECK_EQ(test_rule_open(other, LLOCAL_RULE_JSON, ll_str(""), 0, NULL, &strange), LLOCAL_OK);
    n = llocal_tokenize(m, "Title:", 6, LLOCAL_TOKENIZE_ADD_SPECIAL, prompt, 8);
    r.prompt = prompt, r.n_prompt = n, r.text = said, r.text_size = sizeof said, r.rule = rule, list[0] = &r;
    need = llocal_rule_need(rule, &r.state.rule);
    CHECK(need > 8 && need < 60);
    r.max_tokens = need - 1;
    CHECK_EQ(llocal_reply_begin(&r), LLOCAL_ERR_FULL);
    CHECK_EQ(llocal_position(r.context), 0);
    r.rule = strange, r.max_tokens = 100;
    CHECK_EQ(llocal_reply_begin(&r), LLOCAL_ERR_ARGUMENT);
    r.rule = rule;
    for (int limit = need; limit < need + 40; limit += 3) {
        r.max_tokens = limit, r.sampler.temperature = limit % 2 ? 1.5f : 0;
        CHECK_EQ(llocal_reply_begin(&r), LLOCAL_OK);
        CHECK_EQ(llocal_reply_step(list, 1, 0, &done), LLOCAL_OK);
        CHECK(done && (r.state.stop == LLOCAL_STOP_END || r.state.stop == LLOCAL_STOP_LIMIT));
        if (test_rule_takes(rule, said, strlen(said))) t_passed++;
        else t_fail(__FILE__, __LINE__, "a reply breaks its rule"), printf("       %s\n", said);
    }
    memset(&r.state, 0, sizeof r.state);                /* saved in the middle, and in one go */
    r.sampler.temperature = 1, r.sampler.rng = 7, r.max_tokens = 80;
    CHECK_EQ(llocal_reply_begin(&r), LLOCAL_OK);
    CHECK_EQ(llocal_reply_step(list, 1, 0, &done), LLOCAL_OK);
    strcpy(again, said);
    memset(&r.state, 0, sizeof r.state);
    CHECK_EQ(llocal_reply_begin(&r), LLOCAL_OK);
    for (done = false; !done;) {
        llocal_reply_state kept;
        CHECK_EQ(llocal_reply_step(list, 1, 1, &done), LLOCAL_OK);
        kept = r.state;
        memset(&r.state, 255, sizeof r.state);
        r.state = kept;
    }
    CHECK(!strcmp(again, said));
    llocal_rule_close(rule), llocal_rule_close(strange);
    llocal_context_close(r.context);
    llocal_model_close(m), llocal_model_close(other);
}

/* Whatever comes of itself is what the whole text is cut into. */
static void test_rule_forced_cut(const char *path, int least) {
    static const struct { const char *schema, *texts; } cases[] = {
        { "{'type':'object','properties':{'name':{'type':'string'},'unit':{'enum':['metre','metres']},'description':{'type':'string'},'is_new':{'type':'boolean'}},"
          "'required':['name','unit','description','is_new'],'additionalProperties':false}",
          "{'name':'','unit':'metre','description':'a \\n','is_new':true}\n{'name':'Anna Karenina','unit':'metres','description':'\303\244','is_new':false}" },
        { "{'type':'array','prefixItems':[{'const':'first item'},{'type':'integer'},{'const':{'nested':[1,2,3]}}],'minItems':3,'items':false}",
          "['first item',-120,{'nested':[1,2,3]}]\n['first item',0,{'nested':[1,2,3]}]" },
        { "{'type':'object','properties':{'value':{},'values':{}},'required':['value','values'],'additionalProperties':false}", "{'value':null,'values':[]}\n{'value':'x','values':{}}\n{'value':[1],'values':'values'}" }
    };
    llocal_model *m = test_rule_model(path);
    int forced = 0, all = 0;
    char text[2000], lines[2000];
    TEST("rule forced");
    if (!m) { SKIP(path); return; }
    for (int i = 0; i < LL_COUNT(cases); i++) {
        llocal_rule *r = NULL;
        CHECK_EQ(test_rule_open(m, LLOCAL_RULE_SCHEMA, test_rule_text(cases[i].schema, text), 0, NULL, &r), LLOCAL_OK);
        lines[test_rule_text(cases[i].texts, lines).len] = 0;
        for (char *line = strtok(lines, "\n"); line && r; line = strtok(NULL, "\n")) {
            llocal_token cut[200], now[LLOCAL_MAX_FORCED];
            uint64_t room[4096];
            llocal_rule_state st;
            int n = ll_vocab_encode_inside(&m->vocab, line, strlen(line), room, sizeof room, cut, 200), at = 0;
            CHECK(n > 0 && n <= 200);
            memset(&st, 0, sizeof st);
            while (at < n) {
                int k = llocal_rule_forced(r, &st, cut, at, 0, now, 1 + (int)(t_random() % LLOCAL_MAX_FORCED));
                if (at + k > n || memcmp(now, cut + at, (size_t)k * sizeof *now)) { t_fail(__FILE__, __LINE__, "forced tokens are not those of the text"); printf("       %s, from token %d\n", line, at); break; }
                for (int j = 0; j < k; j++) CHECK(llocal_rule_accept(r, &st, now[j]));
                forced += k, at += k;
                if (k) t_passed++;
                else CHECK(llocal_rule_accept(r, &st, cut[at])), at++;
            }
            all += n;
            CHECK(llocal_rule_can_end(r, &st) && llocal_rule_forced(r, &st, cut, n, 0, now, 8) == 0);
        }
        llocal_rule_close(r);
    }
    CHECK(forced * 100 >= all * least);
    printf("       %s: %d of %d tokens need no choice\n", path, forced, all);
    llocal_model_close(m);
}

/* What is needed is enough, also where the cheap texts have come. */
static void test_rule_need_unique(void) {
    static const char *const schemas[] = {
        "{'type':'array','uniqueItems':true,'minItems':3,'maxItems':3,'items':{'enum':['a','abcdefghijklmnopqrstuvwxyz0123456789',7]}}",
        "{'type':'object','propertyNames':{'pattern':'^a{1,9}$'},'minProperties':8,'additionalProperties':{'type':'null'}}",
        "{'type':'object','properties':{'a':{'type':'null'},'aaa':{'type':'null'}},'propertyNames':{'pattern':'^(ab?){1,4}$'},'minProperties':9,'additionalProperties':{'type':'null'}}",
        "{'type':'object','propertyNames':{'pattern':'^[ab]{1,2}$'},'minProperties':6,'maxProperties':6,'additionalProperties':{'const':1}}"
    };
    llocal_model *m = test_rule_model("examples/tiny.gguf");
    uint32_t mask[512];
    char text[300];
    TEST("rule need unique");
    if (!m) { SKIP("no examples/tiny.gguf"); return; }
    for (int i = 0; i < 2 * LL_COUNT(schemas); i++) {
        llocal_rule *r = NULL;
        CHECK_EQ(test_rule_open(m, LLOCAL_RULE_SCHEMA, test_rule_text(schemas[i / 2], text), i % 2 ? LLOCAL_RULE_ANY_ORDER : 0, NULL, &r), LLOCAL_OK);
        for (int walk = 0; walk < 40 && r; walk++) {
            llocal_rule_state st;
            int left;
            memset(&st, 0, sizeof st);
            for (left = llocal_rule_need(r, &st) + walk % 3; left > 0 && !llocal_rule_must_end(r, &st); left--) {
                int pick = -1, n = 0;
                if (llocal_rule_mask(r, &st, left, mask)) break;
                for (int t = 0; t < llocal_model_hparams(m)->n_vocab; t++) if (mask[t >> 5] >> (t & 31) & 1 && t_random() % (unsigned)++n == 0) pick = t;
                if (pick >= 0 && llocal_token_is_end(m, pick)) break;
                CHECK(pick >= 0 && llocal_rule_accept(r, &st, pick));
            }
            CHECK(llocal_rule_can_end(r, &st));
        }
        llocal_rule_close(r);
    }
    llocal_model_close(m);
}

static int test_rule_calls_left;
static bool test_rule_stop_at(void *user, llocal_token t, llocal_str text) {
    (void)user, (void)t, (void)text;
    return --test_rule_calls_left > 0;
}

/* A reply whose rule leaves one way on for long: in steps, in company, saved, stopped by a string within, by a callback. */
static void test_rule_forced_reply(void) {
    static const char schema[] = "{'type':'object','properties':{'the first name':{'enum':['some long text','another one']},'the second name':{'type':'integer','maximum':999,'minimum':0},"
                                 "'the third':{'const':'that is all there is'}},'required':['the first name','the second name','the third'],'additionalProperties':false}";
    static const char *const stops[] = { "second na" };
    llocal_source src;
    llocal_model *m = NULL;
    llocal_context *second = NULL;
    llocal_reply r, o, *list[2];
    llocal_rule *rule = NULL;
    llocal_token prompt[8];
    char text[500], said[500], again[500], other[500];
    int n, whole, forced;
    bool done = false;
    TEST("rule forced replies");
    memset(&src, 0, sizeof src), memset(&r, 0, sizeof r);
    src.path = "examples/tiny.gguf";
    if (llocal_model_open(&src, &m) || llocal_context_open(m, NULL, &r.context) || llocal_context_open(m, NULL, &second)) { SKIP("no examples/tiny.gguf"); return; }
    CHECK_EQ(test_rule_open(m, LLOCAL_RULE_SCHEMA, test_rule_text(schema, text), 0, NULL, &rule), LLOCAL_OK);
    n = llocal_tokenize(m, "Title:", 6, LLOCAL_TOKENIZE_ADD_SPECIAL, prompt, 8);
    r.prompt = prompt, r.n_prompt = n, r.text = said, r.text_size = sizeof said, r.rule = rule, list[0] = &r, list[1] = &o;
    r.sampler.temperature = 1, r.sampler.rng = 5;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && test_rule_takes(rule, said, strlen(said)));
    whole = r.state.n_tokens, forced = r.state.n_forced;
    CHECK(forced > whole / 2 && llocal_position(r.context) == n + whole + (r.state.stop == LLOCAL_STOP_END));
    printf("       %d of %d tokens were not sampled\n", forced, whole);
    strcpy(again, said);
    memset(&r.state, 0, sizeof r.state);
    r.one_by_one = true;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && test_rule_takes(rule, said, strlen(said)) && r.state.n_forced == 0);
    r.one_by_one = false;
    for (int how = 0; how < 3; how++) {         /* in small steps; cancelled between them; beside another */
        int steps = 0;
        memset(&r.state, 0, sizeof r.state);
        CHECK(!llocal_reply_begin(&r));
        o = r, o.context = second, o.text = other, o.sampler.rng = 9;
        memset(&o.state, 0, sizeof o.state);
        CHECK(how < 2 || !llocal_reply_begin(&o));
        for (done = false; !done && steps < 100000; steps++) {
            CHECK_EQ(llocal_reply_step(list, how == 2 ? 2 : 1, how == 1 ? 1 : 20, &done), LLOCAL_OK);
            if (how == 1) {
                llocal_reply_state kept = r.state;
                void *bytes;
                size_t size;
                if (steps % 3) llocal_cancel(r.context);
                if (llocal_pending(r.context)) continue;
                size = llocal_save_bytes(r.context), bytes = malloc(size);
                CHECK(!llocal_save(r.context, bytes, size) && !llocal_rewind(r.context, 0) && !llocal_restore(r.context, bytes, size));
                memset(&r.state, 255, sizeof r.state);
                r.state = kept;
                free(bytes);
                if (steps % 50 == 49) CHECK_EQ(llocal_reply_step(list, 1, 0, &done), LLOCAL_OK);        /* one pass takes longer than a step */
            }
        }
        CHECK(!strcmp(again, said) && r.state.n_tokens == whole && r.state.n_forced == forced);
        CHECK(how < 2 || test_rule_takes(rule, other, strlen(other)));
    }
    memset(&r.state.rule, 0, sizeof r.state.rule);
    for (int limit = llocal_rule_need(rule, &r.state.rule); limit <= whole + 8; limit++) {
        r.max_tokens = limit;
        CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && test_rule_takes(rule, said, strlen(said)) && r.state.n_tokens <= limit);
    }
    r.max_tokens = 0, r.stop = stops, r.n_stop = 1;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && r.state.stop == LLOCAL_STOP_TEXT);
    CHECK(!strstr(said, "second na") && said[strlen(said) - 1] == ' ');
    CHECK(llocal_position(r.context) >= n + r.state.n_tokens && !llocal_rewind(r.context, n + r.state.n_tokens));
    r.n_stop = 0, r.on_text = test_rule_stop_at;
    for (int calls = 1; calls < whole; calls++) {
        memset(&r.state, 0, sizeof r.state);
        test_rule_calls_left = calls;
        CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && done);
        CHECK(r.state.stop == LLOCAL_STOP_CALLBACK && r.state.n_tokens == calls && llocal_position(r.context) < n + calls);
    }
    llocal_rule_close(rule);
    llocal_context_close(r.context), llocal_context_close(second);
    llocal_model_close(m);
}

static void test_rule(void) {
    static const char *const vocabs[] = { "vocab/llama-spm.gguf", "vocab/qwen2.5.gguf" };
    test_rule_tables();
    test_rule_options();
    test_rule_gbnf();
    test_rule_pieces();
    test_rule_states();
    test_rule_memory();
    test_rule_tokens("examples/tiny.gguf", 6, true);
    for (int i = 0; i < LL_COUNT(vocabs); i++) {
        const char *path = t_shared(vocabs[i]);
        TEST("rule vocabularies");
        if (path) test_rule_tokens(path, 1, false), test_rule_forced_cut(path, 40);
        else SKIP("shared data is not there");
    }
    test_rule_reply();
    test_rule_forced_cut("examples/tiny.gguf", 30);
    test_rule_forced_reply();
    test_rule_need_unique();
}
#endif
