/* >>template: expressions and statements as Jinja2 has them, whitespace, limits, marks, faults. */
#ifndef TEST_TEMPLATE_H
#define TEST_TEMPLATE_H

/* What Jinja2 3.1 (immutable sandbox, trim_blocks, lstrip_blocks, loop controls) makes of these templates with
 * test_template_context; NULL: it refuses them. */
static const char test_template_context[] =
    "{\"l\": [3, 1, 2], \"d\": {\"b\": 1, \"a\": 2}, \"s\": \"hi\", \"e\": [], \"u\": \"Stra\\u00dfe \\u00c9\\u03a3\", \"tree\":"
    " [{\"n\": \"a\", \"c\": [{\"n\": \"b\", \"c\": []}, {\"n\": \"c\", \"c\": [{\"n\": \"d\", \"c\": []}]}]}], \"ms\": [{\"role\": \""
    "user\", \"content\": \"x\"}, {\"role\": \"assistant\", \"content\": null}], \"n\": null, \"html\": \"<b>\\\"x\\\" & y</b"
    ">\", \"ml\": \"one\\ntwo\\n\\nthree\\n\", \"csv\": \"a,b,,c\", \"f\": 2.5, \"rows\": [{\"n\": \"x\", \"v\": 3, \"g\": \"a\"}, {"
    "\"n\": \"Y\", \"v\": 1, \"g\": \"B\"}, {\"n\": \"z\", \"v\": 2, \"g\": \"A\"}]}";
static const struct { const char *source, *expected; } test_template_cases[] = {
    { "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.depth }}{{ loop.depth0 }}{{ loop.cycle('a','b') }}{{ loop.changed(x>1) }},{% else %}none{% endfor %}",
      "10TrueFalse332110aTrue,21FalseFalse3213210bTrue,32FalseTrue310110aTrue," },
    { "{% for x in e %}a{% else %}none{% endfor %}", "none" },
    { "{% for k, v in d.items() %}{{k}}={{v}};{% endfor %}", "b=1;a=2;" },
    { "{% for x in l if x > 1 %}{{ loop.index }}:{{x}} {% endfor %}", "1:3 2:2 " },
    { "{% for x in l recursive %}{{x}}{% endfor %}", "312" },
    { "{% for n in tree recursive %}[{{ n.n }}{{ loop.depth }}{{ loop(n.c) if n.c }}]{% endfor %}",
      "[a1[b2][c2[d3]]]" },
    { "{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{x}}{% endfor %}", "32" },
    { "{% for x in l %}{% if x == 1 %}{% break %}{% endif %}{{x}}{% else %}E{% endfor %}", "3" },
    { "{% set x = 5 %}{% for i in l %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}", "8 6 7 5" },
    { "{% set ns = namespace(x=1, y='a') %}{% for i in l %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y }}{{ ns.z }}",
      "7a" },
    { "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12" },
    { "{% set (a, b) = (1, 2) %}{{ a }}{{ b }}", "12" },
    { "{% set x %}hello {{ s }}{% endset %}{{ x|upper }}", "HELLO HI" },
    { "{% set x | upper | replace('H','J') %}hello {{ s }}{% endset %}{{ x }}", "JELLO JI" },
    { "{% macro f(a, b=2, c=a) %}({{a}},{{b}},{{c}}){% endmacro %}{{ f(1) }}{{ f(1,3) }}{{ f(b=5,a=1) }}{{ f(1,c='q') }}{{ f() }}",
      "(1,2,1)(1,3,1)(1,5,1)(1,2,q)(,2,)" },
    { "{% macro f(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1,2,3,x=4) }}", "(2, 3){'x': 4}" },
    { "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1,2) }}", NULL },
    { "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1,x=2) }}", NULL },
    { "{% macro f(a) %}<{{ caller(a) }}>{% endmacro %}{% call(q) f(7) %}body {{ q }}{{ s }}{% endcall %}",
      "<body 7hi>" },
    { "{% macro f() %}<{{ caller() }}>{% endmacro %}{{ f() }}", NULL },
    { "{% macro f() %}{% if caller %}yes{{ caller() }}{% else %}no{% endif %}{% endmacro %}{{ f() }}{% call f() %}B{% endcall %}",
      "noyesB" },
    { "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(5) }}", "543210" },
    { "{% macro f(n) %}{{ f(n+1) }}{% endmacro %}{{ f(0) }}", NULL },
    { "{% macro g() %}{{ zz }}{% endmacro %}{% set zz = 3 %}{{ g() }}", "3" },
    { "{% set zz = 1 %}{% macro g() %}{{ zz }}{% endmacro %}{% set zz = 3 %}{{ g() }}", "3" },
    { "{% filter upper %}abc {{ s }}{% endfilter %}", "ABC HI" },
    { "{% filter replace('a','b')|upper %}abc{% endfilter %}", "BBC" },
    { "{% with a=1, b=a %}{{ a }}{{ b }}{% endwith %}{{ a }}", "1" },
    { "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}", "1" },
    { "{% generation %}{% set q = 1 %}x{{ q }}{% endgeneration %}{{ q }}", "x1" },
    { "{% raw %}{{ x }} {% if %}{% endraw %}", "{{ x }} {% if %}" },
    { "{%- raw -%}   {{ x }}   {%- endraw -%}   z", "{{ x }}z" },
    { "a {%- raw %} b {% endraw -%} c", "a b c" },
    { "  {% if true %}", NULL },
    { "    x", "    x" },
    { "  {% endif %}", NULL },
    { "y", "y" },
    { "  {%+ if true %}x{% endif %}", "  x" },
    { "x {% if true +%}", NULL },
    { "y{% endif %}", NULL },
    { "   {# comment #}", "" },
    { "x", "x" },
    { "   {#- comment -#}   x", "x" },
    { "a   {{- s -}}   b", "ahib" },
    { "a", "a" },
    { "{{ s }}", "hi" },
    { "b", "b" },
    { "{% if l %}1{% elif d %}2{% else %}3{% endif %}", "1" },
    { "{% if e %}1{% elif d %}2{% else %}3{% endif %}", "2" },
    { "{% if e %}1{% else %}{% if l %}a{% endif %}b{% endif %}", "ab" },
    { "{% if e %}1{% elif e %}2{% else %}{% if e %}a{% endif %}b{% endif %}c", "bc" },
    { "{{ 1 if false }}{{ 1 if true else 2 }}{{ 1 if false else 2 if false else 3 }}", "13" },
    { "{{ 'a' 'b' \"c\" }}", "abc" },
    { "{{ \"\\n\\t\\\\\\'\\\"\\x41\\u00e9\\101\\q\" }}", "\n\t\\'\"A\303\251A\\q" },
    { "{{ 1_000 }} {{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ 1e3 }} {{ 1.5e-3 }} {{ 1E5 }}",
      "1000 31 3 15 1000.0 0.0015 100000.0" },
    { "{{ 2**3**2 }} {{ -2**2 }} {{ 7//2 }} {{ -7//2 }} {{ 7%-3 }} {{ 7/2 }} {{ 6/2 }} {{ 1e16 }} {{ 123456789012345680.0 }} {{ 0.1+0.2 }} {{ 1/3 }}",
      "64 4 3 -4 -2 3.5 3.0 1e+16 1.2345678901234568e+17 0.30000000000000004 0.3333333333333333" },
    { "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' < 'b' }} {{ [1,2] < [1,3] }} {{ (1,) == (1,) }}",
      "True False True True True True True" },
    { "{{ not true }} {{ not not 1 }} {{ not 1 == 2 }} {{ 1 in [1] and 2 not in [1] }}",
      "False True True True" },
    { "{{ 'a' ~ 1 + 2 }}", NULL },
    { "{{ 'a' + 'b' ~ 'c' }}", "abc" },
    { "{{ 'x' * 3 }} {{ 3 * 'x' }} {{ [1] * 2 }} {{ [1] + [2] }} {{ (1,) + (2,) }}",
      "xxx xxx [1, 1] [1, 2] (1, 2)" },
    { "{{ -1|abs }} {{ (-1)|abs }} {{ -'1'|int }}", NULL },
    { "{{ {'a': 1, 'b': {'c': [1,2]}}.b.c[1] }} {{ {'a':1}}}", "2 {'a': 1}" },
    { "{{ l[0] }}{{ l.0 }}{{ l[-1] }}{{ l[9] }}{{ d['a'] }}{{ d.a }}{{ d.zz }}{{ d['zz']|default('dd') }}",
      "33222dd" },
    { "{{ d.zz.yy }}", NULL },
    { "{{ zz.yy }}", NULL },
    { "{{ zz }}{{ zz is defined }}{{ zz|default('q') }}{{ zz or 'r' }}", "Falseqr" },
    { "{{ s is string and s is not number }} {{ 4 is divisibleby 2 }} {{ 4 is divisibleby(3) }} {{ 1 is in [1,2] }} {{ 3 is eq 3 }}",
      "True True False True True" },
    { "{{ s is defined is string }}", NULL },
    { "{{ (1, 2, 3) }} {{ () }} {{ (1,) }} {{ 1, 2 }}", "(1, 2, 3) () (1,) (1, 2)" },
    { "{{ range(5)|list }} {{ range(1,10,3)|list }} {{ range(5,0,-2)|list }} {{ range(0)|list }}",
      "[0, 1, 2, 3, 4] [1, 4, 7] [5, 3, 1] []" },
    { "{{ range(1000000) }}", NULL },
    { "{{ dict(a=1, b=2) }} {{ dict([('x',1)]) }} {{ dict({'q':1}, r=2) }}",
      "{'a': 1, 'b': 2} {'x': 1} {'q': 1, 'r': 2}" },
    { "{% set c = cycler('a','b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}", "abab" },
    { "{% set j = joiner('|') %}{{ j() }}a{{ j() }}b{{ j() }}c", "a|b|c" },
    { "{{ raise_exception('bad ' ~ s) }}", NULL },
    { "{{ strftime_now('%Y-%m-%d %H:%M:%S %d %b %Y %A %a %B %j %y %I %p %-d %-m %e %%') }}",
      "2026-03-14 09:26:53 14 Mar 2026 Saturday Sat March 073 26 09 AM 14 3 14 %" },
    { "{{ strftime_now(\"%c|%x|%X|%D|%T|%F|%R|%u|%w|%h\") }}",
      "Sat Mar 14 09:26:53 2026|03/14/26|09:26:53|03/14/26|09:26:53|2026-03-14|09:26|6|6|Mar" },
    { "{{ ms|map(attribute='role')|join(',') }} {{ ms|selectattr('content')|list|length }} {{ ms|selectattr('role','equalto','user')|map(attribute='content')|first }}",
      "user,assistant 1 x" },
    { "{{ ms[0]['role'] }} {{ ms[0].content }} {{ ms[1].content }} {{ ms[-1]['content'] is none }}",
      "user x None True" },
    { "{% for m in ms %}{{ m.role ~ ': ' ~ (m.content or '') }}{{ '\\n' if not loop.last }}{% endfor %}",
      "user: x\nassistant: " },
    { "{{ ms|tojson }} {{ ms|tojson(indent=2) }} {{ {'b':1,'a':[]}|tojson(sort_keys=true, indent=4) }} {{ [] |tojson(indent=2) }} {{ {}|tojson(indent=2) }}",
      "[{\"role\": \"user\", \"content\": \"x\"}, {\"role\": \"assistant\", \"content\": null}] [\n  {\n    \"role\": \"user\",\n    \"content\": \"x\"\n  },\n  {\n    \"role\": \"assistant\",\n    \"content\": null\n  }\n] {\n    \"a\": [],\n    \"b\": 1\n} [] {}" },
    { "{{ \"%s is %d and %.2f %5s|%-5s|%05d %x %r %%\" | format('a', 3, 2.555, 'r', 'l', 42, 255, 'q') }}",
      "a is 3 and 2.56     r|l    |00042 ff 'q' %" },
    { "{{ \"%s\" % s }} {{ \"%s-%s\" % (1, 2) }} {{ '%(a)s' % {'a': 5} }} {{ '%d' % 3.9 }} {{ '%e %g %G' % (12345.678, 0.00001234, 1e20) }}",
      "hi 1-2 5 3 1.234568e+04 1.234e-05 1E+20" },
    { "{{ '{} {}'.format(1,2) }} {{ '{0} {1} {0}'.format('a','b') }} {{ '{x:>5}|{y:<5}|{z:^5}|{w:05.1f}|{v:,}'.format(x='a',y='b',z='c',w=3.14159,v=1234567) }} {{ '{a.b}{a[c]}'.format(a={'b':1,'c':2}) }} {{ '{!r}'.format('q') }} {{ '{{}}'.format() }}",
      "1 2 a b a     a|b    |  c  |003.1|1,234,567 12 'q' {}" },
    { "{% set ns = namespace() %}{% set ns.list = [] %}{% for i in l %}{% set ns.list = ns.list + [i] %}{% endfor %}{{ ns.list }}",
      "[3, 1, 2]" },
    { "{% set ns = namespace(a=1) %}{{ ns }}", "<Namespace {'a': 1}>" },
    { "{{ l.append(4) }}", NULL },
    { "{{ l.append is defined }}", "False" },
    { "{{ d.update is defined }}{{ d.items is defined }}{{ d.nope is defined }}", "FalseTrueFalse" },
    { "{{ d.keys()|list }} {{ d.values()|list }} {{ d.items()|list }} {{ d|list }} {{ d|length }} {{ 'a' in d }} {{ d|dictsort }} {{ d.get('q', 'w') }}",
      "['b', 'a'] [1, 2] [('b', 1), ('a', 2)] ['b', 'a'] 2 True [('a', 2), ('b', 1)] w" },
    { "{{ d.items() }} {{ d.keys() }} {{ d.values() }}",
      "dict_items([('b', 1), ('a', 2)]) dict_keys(['b', 'a']) dict_values([1, 2])" },
    { "{{ [1,2,3][1:] }}{{ [1,2,3][::-1] }}{{ 'hello'[1:3] }}{{ 'hello'[::-1] }}{{ l[:-1] }}",
      "[2, 3][3, 2, 1]elolleh[3, 1]" },
    { "{% for c in 'abc' %}{{ c }}-{% endfor %}", "a-b-c-" },
    { "{% for x in [1,2,3] %}{% for y in [1,2] %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
      "121122123" },
    { "{% for a, (b, c) in [(1,(2,3))] %}{{a}}{{b}}{{c}}{% endfor %}", "123" },
    { "{% for a, b in [[1,2,3]] %}{% endfor %}", NULL },
    { "{% for x in 5 %}{% endfor %}", NULL },
    { "{% for x in none %}{% endfor %}", NULL },
    { "{% for x in zz %}{% endfor %}ok", "ok" },
    { "{% set x = zz|selectattr('a')|list %}{{ x }}", "[]" },
    { "{% if x is not defined %}{% set x = 1 %}{% endif %}{{ x }}", "1" },
    { "{% if false %}{{ 1|nofilter }}{% endif %}ok", "ok" },
    { "{% for i in e %}{{ 1|nofilter }}{% endfor %}ok", NULL },
    { "{{ 1|nofilter if false else 2 }}", "2" },
    { "{% if false %}{{ 1 is notest }}{% endif %}ok", "ok" },
    { "{{ 1 is notest }}", NULL },
    { "{% unknown %}", NULL },
    { "{% if true %}", NULL },
    { "{{ 'a", NULL },
    { "{{ a b }}", NULL },
    { "{{ a | }}", NULL },
    { "{% endif %}", NULL },
    { "{% for x in l %}{% endif %}", NULL },
    { "{{ }}", NULL },
    { "{{ [1,2 }}", NULL },
    { "{{ 01 }}", NULL },
    { "{{ 1.5.5 }}", "" },
    { "{{ s.upper().lower().title() }} {{ s|upper|lower }} {{ (s|upper).lower() }}", "Hi hi hi" },
    { "{{ \"a,b\".split(\",\")[1] }} {{ \"a b\".split()|join(\"-\") }} {{ \" x \".strip() }}|", "b a-b x|" },
    { "{{ '<a>'|safe + '<b>' }} {{ '<a>'|safe ~ '<b>' }} {{ '<a>'|e }} {{ ('<a>'|safe)|e }} {{ '<'|escape|string + '>' }}",
      "<a>&lt;b&gt; <a><b> &lt;a&gt; <a> &lt;&gt;" },
    { "{% set x = '<a>'|safe %}{{ x + ' & ' + '<b>' }}{{ x * 2 }}{{ x|upper + '<' }}{{ x[1:] + '<' }}",
      "<a> &amp; &lt;b&gt;<a><a><A>&lt;a>&lt;" },
    { "{{ none }}{{ true }}{{ false }}{{ None }}{{ True }}{{ False }}", "NoneTrueFalseNoneTrueFalse" },
    { "{{ 10 // 3 }}{{ 10.0 // 3 }}{{ -10 % 3 }}{{ 2 ** -1 }}{{ 2 ** 10 }}{{ 5.5 % 2 }}",
      "33.020.510241.5" },
    { "{{ 1 / 0 }}", NULL },
    { "{{ 'x' in 'xyz' }}{{ '' in 'a' }}{{ 1 in 'a' }}", NULL },
    { "{{ lipsum is defined }}", "True" },
    { "{{ loop is defined }}{% for x in l %}{{ loop is defined }}{% endfor %}", "FalseTrueTrueTrue" },
    { "{% macro m() %}{% for x in l %}{{ loop.index }}{% endfor %}{% endmacro %}{% for y in [1,2] %}{{ m() }}{{ loop.index }}{% endfor %}",
      "12311232" },
    { "{% set x = 1 %}{% macro m(x) %}{% set x = x + 1 %}{{ x }}{% endmacro %}{{ m(5) }}{{ x }}", "61" },
    { "{{ m.name }}{% macro m(a,b) %}{% endmacro %}{{ m.name }}", NULL },
    { "{% set t %}{% for i in l %}{{ i }}{% endfor %}{% endset %}{{ t|length }}{{ t is string }}", "3True" },
    { "{% print s %}", "hi" },
    { "{{ (l|map('string')|list)[0] }}{{ l|sort|first }}{{ l|sort(reverse=true)|join }}{{ l|sum }}{{ l|max }}{{ l|min }}",
      "31321631" },
    { "{% set g = l|map('string') %}{{ g|list }}{{ g|list }}", "['3', '1', '2'][]" },
    { "{{ l|map('string')|length }}", NULL },
    { "{{ l|select('odd')|tojson }}", NULL },
    { "{% set m = namespace(v=l|select('odd')|list) %}{{ m.v|tojson }}", "[3, 1]" },
    { "{{ [[1,2],[3]]|sum(start=[]) }}", "[1, 2, 3]" },
    { "{{ 'abc'|list }}{{ 'abc'|first }}{{ 'abc'|last }}{{ 'abc'|reverse }}{{ 'abc'|length }}",
      "['a', 'b', 'c']accba3" },
    { "{{ 'foo bar-baz (qux'|title }} {{ \"foo's bar\"|title }} {{ \"foo's bar\".title() }} {{ '\303\251a \303\237x'|capitalize }}",
      "Foo Bar-Baz (Qux Foo's Bar Foo'S Bar \303\211a \303\237x" },
    { "{{ 'a\\nb\\n\\nc'|indent }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\n\\nb'|indent(2, blank=true) }}|{{ 'a\\r\\nb'|indent('>') }}",
      "a\n    b\n\n    c|  a\n  b|a\n  \n  b|a\n>b" },
    { "{{ 3.0 }} {{ 3.10 }} {{ 1e100 }} {{ 1e-7 }} {{ 123456789.123456789 }} {{ -0.0 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }} {{ 1e400 }}",
      "3.0 3.1 1e+100 1e-07 123456789.12345679 -0.0 5e-324 1.7976931348623157e+308 inf" },
    { "{{ 42|round }} {{ 42.55|round(1) }} {{ 2.5|round }} {{ 3.5|round|int }} {{ 42.5|round(0,'ceil') }} {{ 1234|round(-2) }}",
      "42 42.5 2.0 4 43.0 1200" },
    { "{{ '3.7'|float }} {{ '3.7'|int }} {{ 'x'|int }} {{ 'x'|float }} {{ ' 42 '|int }} {{ '1_0'|int }} {{ none|int }} {{ 3.99|int }} {{ '0x1f'|int(base=16) }} {{ '1e3'|float }} {{ 'inf'|float }} {{ true|int }}",
      "3.7 3 0 0.0 42 10 0 3 31 1000.0 inf 1" },
    { "{{ f(**{'a':1}) }}{% macro f(a) %}{% endmacro %}", NULL },
    { "{% macro f(a,b) %}{{a}}{{b}}{% endmacro %}{{ f(*[1,2]) }}{{ f(**{'a':1,'b':2}) }}{{ f(1, **{'b':2}) }}",
      "121212" },
    { "{{ [1,2,3]|batch(2)|list }} {{ [1,2,3]|slice(2)|list }} {{ [1,2,3,4]|batch(3,'x')|list }}",
      "[[1, 2], [3]] [[1, 2], [3]] [[1, 2, 3], [4, 'x', 'x']]" },
    { "{% for g in [{'t':'a','v':1},{'t':'b','v':2},{'t':'a','v':3}]|groupby('t') %}{{ g.grouper }}:{{ g.list|map(attribute='v')|join(',') }};{{ g[0] }}{% endfor %}",
      "a:1,3;ab:2;b" },
    { "{{ ('a', 'b')|join('-') }} {{ d|join(',') }} {{ 'abc'|join('.') }}", "a-b b,a a.b.c" },
    { "{{ \"it's\" }} {{ [\"it's\", 'say \"hi\"', \"both ' and \\\"\"] }} {{ ['\\n', '\\\\', '\303\251', '\\x00', '\\u200b'] }}",
      "it's [\"it's\", 'say \"hi\"', 'both \\' and \"'] ['\\n', '\\\\', '\303\251', '\\x00', '\\u200b']" },
    { "{{ {1: 'a', 'b': 2, (1,2): 3, none: 4, true: 5} }}", "{1: 5, 'b': 2, (1, 2): 3, None: 4}" },
    { "{{ {[1]: 2} }}", NULL },
    { "{{ 'a' is lower }}{{ 'A' is upper }}{{ 5 is number }}{{ 5 is integer }}{{ 5.0 is float }}{{ true is boolean }}{{ true is integer }}{{ d is mapping }}{{ l is sequence }}{{ l is iterable }}{{ s is sequence }}{{ none is none }}{{ s is sameas s }}",
      "TrueTrueTrueTrueTrueTrueFalseTrueTrueTrueTrueTrueTrue" },
    { "{{ 'upper' is filter }}{{ 'x' is filter }}{{ 'odd' is test }}{{ range is callable }}",
      "TrueFalseTrueTrue" },
    { "{% if (messages is defined and messages[0]) or true %}y{% endif %}", "y" },
    { "{% if l|length > 2 and l[0] == 3 %}y{% endif %}", "y" },
    { "{{ l | length }}{{ l|length + 1 }}{{ l|first ~ l|last }}", "3432" },
    { "{{ \"a\" if l else \"b\" ~ \"c\" }}{{ (\"a\" if l else \"b\") ~ \"c\" }}", "aac" },
    { "{{ 'abc' | replace('b', 'x') | upper | e }}", "AXC" },
    { "{{ 'a.b.c'.rsplit('.', 1) }} {{ 'a.b.c'.split('.', 1) }} {{ 'k=v=w'.partition('=') }}",
      "['a.b', 'c'] ['a', 'b.c'] ('k', '=', 'v=w')" },
    { "{% set dd = {} %}{% set _ = dd.update({'a':1}) %}{{ dd }}", NULL },
    { "{{ d._x }} {{ d.__class__ }} {{ s.__len__ }}", "  " },
    { "{% set a = b = 1 %}", NULL },
    { "{% set 1 = 2 %}", NULL },
    { "{% set true = 2 %}", NULL },
    { "{% set d.q = 2 %}", NULL },
    { "{% set ns = namespace(a={'b':1}) %}{{ ns.a.b }}{{ ns['a'] }}", "1{'b': 1}" },
    { "{%- if true -%} a {%- endif -%}", "a" },
    { "{% if true -%}   a   {%- else -%} b {% endif %}   c", "a   c" },
    { " {%- for x in l %}", NULL },
    { " {{ x }}", " " },
    { " {%- endfor %}", NULL },
    { "end", "end" },
    { "{# a #}{# b #}x", "x" },
    { "\t{% if true %}\ttab{% endif %}", "\ttab" },
    { "two newlines{% endif %}", NULL },
    { "{{ s }}{# c #}", "hi" },
    { "{{- s }}", "hi" },
    { "{{ s -}}", "hi" },
    { "   {{ s }}", "   hi" },
    { "trailing   {% if true %}x{% endif %}   ", "trailing   x   " },
    { "{% for x in l -%}", NULL },
    { "  {{ x }}", "  " },
    { "{% endfor -%}", NULL },
    { "e", "e" },
    { "{{ u|upper }}", "STRASSE \303\211\316\243" },
    { "{{ u|lower }}", "stra\303\237e \303\251\317\202" },
    { "{{ u|capitalize }}", "Stra\303\237e \303\251\317\202" },
    { "{{ u.swapcase() }}", "sTRASSE \303\251\317\202" },
    { "{{ html|e }}", "&lt;b&gt;&#34;x&#34; &amp; y&lt;/b&gt;" },
    { "{{ html|striptags }}", "\"x\" & y" },
    { "{{ html|safe|e }}", "<b>\"x\" & y</b>" },
    { "{{ html|urlencode }}", "%3Cb%3E%22x%22%20%26%20y%3C/b%3E" },
    { "{{ d|xmlattr }}", " b=\"1\" a=\"2\"" },
    { "{{ csv.split(\",\") }}", "['a', 'b', '', 'c']" },
    { "{{ csv.rsplit(\",\",1) }}", "['a,b,', 'c']" },
    { "{{ ml|indent(2) }}", "one\n  two\n\n  three\n" },
    { "{{ ml|wordcount }}", "3" },
    { "{{ ml|wordwrap(3) }}", "one\ntwo\n\nthr\nee" },
    { "{{ ml.splitlines() }}", "['one', 'two', '', 'three']" },
    { "{{ rows|sort(attribute=\"g,v\")|map(attribute=\"n\")|join }}", "zxY" },
    { "{{ rows|groupby(\"g\")|map(\"first\")|list }}", "['a', 'B']" },
    { "{{ rows|unique(attribute=\"g\")|list|length }}", "2" },
    { "{{ rows|sum(attribute=\"v\") }}", "6" },
    { "{{ rows|selectattr(\"v\",\">\",1)|map(attribute=\"n\")|list }}", "['x', 'z']" },
    { "{{ rows|rejectattr(\"v\",\"equalto\",1)|list|length }}", "2" },
    { "{{ rows|max(attribute=\"v\") }}", "{'n': 'x', 'v': 3, 'g': 'a'}" },
    { "{{ 1234567|filesizeformat }}", "1.2 MB" },
    { "{{ 1234567|filesizeformat(true) }}", "1.2 MiB" },
    { "{{ \"a long text to cut\"|truncate(9) }}", "a..." },
    { "{{ \"a long text to cut\"|truncate(9,true,\"!\",0) }}", "a long t!" },
    { "{{ u|tojson }}", "\"Stra\303\237e \303\211\316\243\"" },
    { "{{ u|tojson(ensure_ascii=true) }}", "\"Stra\\u00dfe \\u00c9\\u03a3\"" },
    { "{{ d|tojson(indent=1,sort_keys=true) }}", "{\n \"a\": 2,\n \"b\": 1\n}" },
    { "{{ d|tojson(separators=(\",\",\":\")) }}", "{\"b\":1,\"a\":2}" },
    { "{{ s|center(6) }}", "  hi  " },
    { "{{ s.center(7,\"*\") }}", "***hi**" },
    { "{{ \"7\".zfill(3) }}", "007" },
    { "{{ \"x\".rjust(3) }}", "  x" },
    { "{{ s|list }}", "['h', 'i']" },
    { "{{ n|default(\"d\") }}", "None" },
    { "{{ n|default(\"d\",true) }}", "d" },
    { "{{ f|int }}", "2" },
    { "{{ f*2 }}", "5.0" },
    { "{{ f|string }}", "2.5" },
    { "{{ 7.0 }}", "7.0" },
    { "{{ s in \"hip\" }}", "True" },
    { "{{ 3 in l }}", "True" },
    { "{{ \"a\" in d }}", "True" },
    { "{{ l|reverse|list }}", "[2, 1, 3]" },
    { "{{ l|sort(reverse=true) }}", "[3, 2, 1]" },
    { "{{ d|dictsort(by=\"value\") }}", "[('b', 1), ('a', 2)]" },
    { "{{ s.startswith((\"x\",\"h\")) }}", "True" },
    { "{{ \"a.b\".partition(\".\") }}", "('a', '.', 'b')" },
    { "{{ u.casefold() }}", "strasse \303\251\317\203" },
    { "{{ \"Ab\".isalpha() }}", "True" },
    { "{{ \"%5.1f|%-4d|\"%(2.25,3) }}", "  2.2|3   |" },
    { "{{ \"{:>6.2f}\".format(f) }}", "  2.50" },
    { "{{ s is sameas s }}", "True" },
    { "{{ namespace(a=1).a }}", "1" },
    { "{{ (1,2)+(3,) }}", "(1, 2, 3)" },
    { "{{ [1,[2,{\"k\":none}]] }}", "[1, [2, {'k': None}]]" },
    { "{{ 1.0e16 }}", "1e+16" },
    { "{{ 1e15 }}", "1000000000000000.0" },
    { "{{ 0.1 }}", "0.1" },
    { "{{ -7//2 }}", "-4" },
    { "{{ -7%3 }}", "2" },
    { "{{ 7.5//2 }}", "3.0" },
    { "{{ 2**62 }}", "4611686018427387904" },
};

typedef struct test_template_state {
    char out[20000];
    ll_text_span spans[400];
    ll_template_run run;
    llocal_fault fault;
    llocal_result result;
} test_template_state;

/* Opens, renders with these variables, closes; what it allocates it gives back. */
static size_t test_template_bytes;
static void *test_template_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    (void)user;
    test_template_bytes += new_size - old_size;
    return ll_default_resize(NULL, ptr, old_size, new_size);
}
static bool test_template_lists;               /* lists may change, as in chats */
static void test_template_render(test_template_state *t, const char *source, const ll_template_var *vars, int n_vars) {
    ll_template *compiled;
    llocal_allocator a;
    uint64_t steps = t->run.max_steps, bytes = t->run.max_bytes;
    memset(&t->fault, 0, sizeof t->fault), memset(&t->run, 0, sizeof t->run), memset(&a, 0, sizeof a);
    a.resize = test_template_resize;
    t->run.vars = vars, t->run.n_vars = n_vars, t->run.now = 1773480413, t->run.max_steps = steps, t->run.max_bytes = bytes;
    t->run.out = t->out, t->run.cap = sizeof t->out, t->run.spans = t->spans, t->run.span_cap = LL_COUNT(t->spans);
    test_template_bytes = 0;
    t->result = ll_template_open(ll_str(source), &a, &t->fault, &compiled);
    if (!t->result) compiled->lists_change = test_template_lists;
    if (!t->result) t->result = ll_template_render(compiled, &t->run, NULL, &t->fault);
    ll_template_close(compiled);
    CHECK_EQ(test_template_bytes, 0);
}
static ll_template_var test_template_var(const char *name, const char *json, bool trusted) {
    ll_template_var v;
    memset(&v, 0, sizeof v);
    v.name = name, v.value = ll_str(json), v.trusted = trusted;
    return v;
}

static void test_template_table(void) {
    static test_template_state t;
    ll_template_var v = test_template_var(NULL, test_template_context, false);
    TEST("template cases");
    for (int i = 0; i < LL_COUNT(test_template_cases); i++) {
        const char *want = test_template_cases[i].expected;
        bool good;
        test_template_render(&t, test_template_cases[i].source, &v, 1);
        good = want ? !t.result && t.run.n_out == strlen(want) && memcmp(t.out, want, t.run.n_out) == 0 : t.result != LLOCAL_OK;
        CHECK(good);
        if (!good) printf("       %s\n       gave %.*s %s\n", test_template_cases[i].source, (int)t.run.n_out, t.out, t.fault.message);
        if (t.result) CHECK(strncmp(t.fault.message, "line ", 5) == 0);
    }
}

/* Whitespace around tags of several lines. */
static void test_template_space(void) {
    static const struct { const char *source, *want; } cases[] = {
        { "a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  b\nc" },
        { "a\n  {%+ if true %}\n  b\n  {%+ endif %}\nc\n\n", "a\n    b\n  c\n" },
        { "a \n {%- if true -%} \n b \n {%- endif -%} \n c", "abc" },
        { "a\r\n{# x #}\r\nb\r\n", "a\nb" },
        { "  {{ 1 }}\n", "  1" },
        { "x {# c #}\n y", "x  y" },
        { "{% raw %}\n {{ a }}{% endraw %}\nb", "\n {{ a }}b" },
        { "{% if true +%}\nb{% endif %}", "\nb" },
        { "\xe2\x80\x83{{- 1 -}}\xc2\xa0 2", "12" },
    };
    static test_template_state t;
    TEST("template space");
    for (int i = 0; i < LL_COUNT(cases); i++) {
        test_template_render(&t, cases[i].source, NULL, 0);
        CHECK(!t.result && t.run.n_out == strlen(cases[i].want) && memcmp(t.out, cases[i].want, t.run.n_out) == 0);
    }
}

/* Lists that change, where that is allowed: all who have one see it, what was cut out of it before does not. */
static void test_template_changes(void) {
    static const struct { const char *source, *want; } cases[] = {
        { "{% set l = [] %}{{ l.append(1) }}{% set k = l %}{% set _ = k.append(2) %}{{ l }}{{ l|length }}{{ l[-1] }}{{ l == [1, 2] }}", "None[1, 2]22True" },
        { "{% set ns = namespace(q=[]) %}{% for i in range(5) %}{% set _ = ns.q.append(i) %}{% endfor %}{{ ns.q.pop(0) }}{{ ns.q.pop() }}{{ ns.q.pop(1) }}{{ ns.q }}", "042[1, 3]" },
        { "{% set l = [1, 2, 3] %}{% set k = l[1:] %}{{ l.pop() }}{{ l.append(9) }}{{ k.append(7) }}{{ l }}{{ k }}", "3NoneNone[1, 2, 9][2, 3, 7]" },
        { "{% set l = [1] %}{{ l.insert(0, 0) }}{{ l.insert(9, 2) }}{{ l.insert(-1, 'x') }}{{ l.extend([3, 4]) }}{{ l.extend(l) }}{{ l }}", "NoneNoneNoneNoneNone[0, 1, 'x', 2, 3, 4, 0, 1, 'x', 2, 3, 4]" },
        { "{% set l = [1, 2] %}{% set t = (l, 0) %}{% set _ = l.append(3) %}{{ t }}{{ l|tojson }}{{ [l, l]|map('length')|list }}{{ l.copy() == l }}{{ l + l }}{{ l * 2 }}",
          "([1, 2, 3], 0)[1, 2, 3][3, 3]True[1, 2, 3, 1, 2, 3][1, 2, 3, 1, 2, 3]" },
        { "{% set l = 'a b'.split() %}{% for x in l %}{% set _ = l.append(x) %}{% endfor %}{{ l|join }}{% if not [] %}-{% endif %}{{ l is sameas l }}{{ [] is sameas [] }}", "abab-TrueFalse" }
    }, refused[] = {
        { "{% set l = [1] %}{{ l.pop(1) }}", "no such item" }, { "{{ [].pop() }}", "no such item" }, { "{{ [1].sort() }}", "'sort' would change" },
        { "{{ x.append(1) }}", "'append' would change" }, { "{{ {}.pop('a') }}", "'pop' would change" },
        { "{% set l = [] %}{{ l.append(l) }}{{ l }}", "too deep inside each other" }, { "{% set l = [] %}{{ l.append(l) }}{{ l == [l] }}", "too deep inside each other" },
        { "{% set l = [1] %}{% for i in range(99) %}{% set _ = l.extend(l) %}{% endfor %}", "too much memory" }, { "{% set l = [] %}{{ l.append() }}", "" }
    };
    static test_template_state t;
    ll_template_var v = test_template_var("x", "[1]", false);
    TEST("template changes");
    for (int i = 0; i < LL_COUNT(cases); i++) {
        test_template_lists = true;
        test_template_render(&t, cases[i].source, &v, 1);
        CHECK(!t.result && t.run.n_out == strlen(cases[i].want) && memcmp(t.out, cases[i].want, t.run.n_out) == 0);
        if (t.result || t.run.n_out != strlen(cases[i].want)) printf("       %d: %.*s%s\n", i, (int)LL_MIN(t.run.n_out, sizeof t.out), t.out, t.fault.message);
        test_template_lists = false;
        test_template_render(&t, cases[i].source, &v, 1);       /* elsewhere it is refused, as Jinja2's immutable sandbox does */
        CHECK(t.result == LLOCAL_ERR_FORMAT && strstr(t.fault.message, "would change an object"));
    }
    test_template_lists = true;
    for (int i = 0; i < LL_COUNT(refused); i++) {
        test_template_render(&t, refused[i].source, &v, 1);
        CHECK(t.result && strstr(t.fault.message, refused[i].want));
        if (!t.result || !strstr(t.fault.message, refused[i].want)) printf("       %d: %s\n", i, t.fault.message);
    }
    test_template_lists = false;
}

/* What a hostile template asks for costs an error, with words. */
static void test_template_limits(void) {
    static const struct { const char *source; llocal_result want; } cases[] = {
        { "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", LLOCAL_ERR_FULL },
        { "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", LLOCAL_ERR_FULL },
        { "{{ 'abc' * 9999999999 }}", LLOCAL_ERR_FULL },
        { "{{ [1] * 9999999999 }}", LLOCAL_ERR_FULL },
        { "{{ range(1000000000) }}", LLOCAL_ERR_FULL },
        { "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", LLOCAL_ERR_FULL },
        { "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", LLOCAL_ERR_FULL },
        { "{{ ''.center(999999999999) }}", LLOCAL_ERR_FULL },
        { "{{ '%999999999d' % 1 }}", LLOCAL_ERR_FULL },
        { "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}", LLOCAL_ERR_FORMAT },
        { "{% set ns = namespace(l=[]) %}{% for i in range(999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l|tojson }}", LLOCAL_ERR_FORMAT },
        { "{% include 'x' %}", LLOCAL_ERR_UNSUPPORTED }, { "{{ [1]|random }}", LLOCAL_ERR_UNSUPPORTED },
        { "{{ 1|nothing }}", LLOCAL_ERR_UNSUPPORTED },
    };
    static test_template_state t;
    static char deep[5000];
    ll_template *compiled;
    TEST("template limits");
    for (int i = 0; i < LL_COUNT(cases); i++) {
        t.run.max_steps = 2000000, t.run.max_bytes = 1 << 24;
        test_template_render(&t, cases[i].source, NULL, 0);
        CHECK_EQ(t.result, cases[i].want);
        CHECK(strstr(t.fault.message, "column") != NULL);
    }
    t.run.max_steps = t.run.max_bytes = 0;
    memset(deep, '(', sizeof deep), memcpy(deep, "{{", 2), deep[4000] = 0;
    CHECK_EQ(ll_template_open(ll_str(deep), NULL, NULL, &compiled), LLOCAL_ERR_FORMAT);
    for (int i = 0; i < 400; i++) memcpy(deep + 10 * i, "{%if 1 %} ", 11);
    CHECK_EQ(ll_template_open(ll_str(deep), NULL, NULL, &compiled), LLOCAL_ERR_FORMAT);
    test_template_render(&t, "a\n b{{ 1|\n  foo(2) }}", NULL, 0);
    CHECK(strcmp(t.fault.message, "line 3, column 3: unknown filter 'foo'") == 0);
    CHECK_EQ(t.fault.line, 3), CHECK_EQ(t.fault.column, 3), CHECK_EQ(t.fault.offset, 12);
    t.run.cap = 3;
    CHECK_EQ(ll_template_open(ll_str("{{ 'abcdef' }}"), NULL, NULL, &compiled), LLOCAL_OK);
    memset(t.out, 'x', 6), t.run.out = t.out, t.run.n_vars = 0, t.run.span_cap = 0, t.run.spans = NULL;
    CHECK_EQ(ll_template_render(compiled, &t.run, NULL, NULL), LLOCAL_OK);
    CHECK_EQ(t.run.n_out, 6), CHECK_EQ(t.run.n_spans, 1), CHECK(memcmp(t.out, "abcxxx", 6) == 0);
    ll_template_close(compiled), ll_template_close(NULL);
}

/* Faults are told of where they are found: at the lowest frame. */
static void test_template_low(void *user, llocal_log_level level, const char *message) {
    volatile char here = 0;
    (void)level, (void)message;
    *(uintptr_t *)user = (uintptr_t)&here;
}

/* What recurses as far as it may takes no more stack than >>api says. */
static void test_template_stack(void) {
    static const char *const sources[] = {
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% for y in [1] %}{% if 1 %}{{ m() }}{% endif %}{% endfor %}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% call m() %}{% endcall %}{{ caller() }}{% endmacro %}{% call m() %}1{% endcall %}",
        "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{{ caller() }}{% endmacro %}{% call m() %}1{% endcall %}",
        "{% macro m(a=1, b=m()) %}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% filter upper %}{% set a %}{{ m() }}{% endset %}{% endfilter %}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ {1: {1: [[m()]]}} }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ 1 + (2 * (3 ~ (1 if not m() else 2))) }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% for y in [1] if m() %}{% endfor %}{% endmacro %}{{ m() }}",
        "{% for y in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% macro m() %}{{ 'a'|replace('a', m())|default(m()) }}{% endmacro %}{{ m() }}",
    };
    TEST("template stack");
    for (int i = 0; i < LL_COUNT(sources); i++) {
        ll_template *t = NULL;
        ll_template_run run;
        llocal_fault fault;
        uintptr_t lowest = 0;
        volatile char here = 0;
        memset(&run, 0, sizeof run), memset(&fault, 0, sizeof fault);
        fault.logger.write = test_template_low, fault.logger.user = &lowest;
        CHECK_EQ(ll_template_open(ll_str(sources[i]), NULL, NULL, &t), LLOCAL_OK);
        CHECK(ll_template_render(t, &run, NULL, &fault) == LLOCAL_ERR_FULL && strstr(fault.message, "nested too deeply"));
        ll_template_close(t);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
        CHECK((uintptr_t)&here - lowest > 20000);
        if ((uintptr_t)&here - lowest > (LL_WINDOWS ? 100 : 72) * 1024) {       /* there callees keep ten vectors */
            t_fail(__FILE__, __LINE__, sources[i]);
            printf("       %d bytes\n", (int)((uintptr_t)&here - lowest));
        }
#else
        (void)here;
#endif
    }
    {   static test_template_state t;   /* and so much of recursion is left */
        test_template_render(&t, "{% macro m(n) %}{% if n > 0 %}{{ n }} {{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60)[-11:] }}", NULL, 0);
        CHECK(!t.result && t.run.n_out == 11 && !memcmp(t.out, " 5 4 3 2 1 ", 11));
    }
}

/* The output with its untrusted parts in <>. */
static void test_template_marked(test_template_state *t, char *out) {
    for (size_t i = 0; i < t->run.n_spans; i++) {
        const ll_text_span *s = &t->spans[i];
        if (!s->trusted) *out++ = '<';
        memcpy(out, t->out + s->at, s->len), out += s->len;
        if (!s->trusted) *out++ = '>';
    }
    *out = 0;
}

static void test_template_marks(void) {
    static const struct { const char *source, *want; } cases[] = {
        { "[{{ x }}]", "[<a bC>]" }, { "{{ 'q' ~ x ~ 'r' }}", "q<a bC>r" }, { "{{ x + b }}", "<a bC>BOS" },
        { "{{ ('(' + x + ')')|upper }}", "(<A BC>)" }, { "{{ ('(' + x + ')')[::-1] }}", ")<Cb a>(" },
        { "{{ ('(' + x + ')')[1:3] }}", "<a >" }, { "{{ ('k ' + x)|replace('k', 'tr') }}", "tr <a bC>" },
        { "{{ x|replace('a', '|') }}", "|< bC>" }, { "{{ ('--' + x).split(' ')|join('/') }}", "--<a>/<bC>" },
        { "{{ x|tojson }}", "<\"a bC\">" }, { "{{ {'k': x}|tojson }}", "{\"k\": <\"a bC\">}" }, { "{{ o|tojson }}", "<{\"k\": [1, \"v\"]}>" },
        { "{{ o }}", "<{'k': [1, 'v']}>" }, { "{{ [x] }}", "[<'a bC'>]" }, { "{{ '%s=%d'|format(x, 3) }}", "<a bC>=3" },
        { "{{ '{}:{}'.format(x, b) }}", "<a bC>:BOS" }, { "{{ (' ' + x + ' ')|trim }}", "<a bC>" }, { "{{ n }}{{ n + 1 }}{{ 2 }}", "<78>2" },
        { "{% set y %}<{{ x }}>{% endset %}{{ y|lower }}", "<<a bc>>" }, { "{% macro m(z) %}({{ z }}){% endmacro %}{{ m(x) }}", "(<a bC>)" },
        { "{% filter upper %}f{{ x }}{% endfilter %}", "F<A BC>" }, { "{% for c in 'k' + x[:1] %}{{ c }}{% endfor %}", "k<a>" },
        { "{{ ('(' ~ x)|e }}{{ '<'|e }}", "(<a bC>&lt;" }, { "{{ o.k|join('-') }}", "<1>-<v>" }, { "{{ o|items|list }}", "[(<'k'>, <[1, 'v']>)]" },
        { "{{ x if x == 'a bC' else 'no' }}", "<a bC>" }, { "{{ 'a bC' if x == 'a bC' }}", "a bC" }, { "{{ x|length }}", "4" },
        { "{{ ('a\n' ~ x)|indent(2) }}", "a\n  <a bC>" }, { "{{ (x ~ '\n' ~ x)|indent(1) }}", "<a bC>\n <a bC>" },
        { "{{ x * 2 }}{{ '.' * 2 }}", "<a bCa bC>.." }, { "{{ (x ~ '!')|title }}", "<A Bc>!" }, { "{{ x.partition(' ') }}", "(<'a'>, ' ', <'bC'>)" },
    };
    static test_template_state t;
    static char marked[40000];
    ll_template_var v[5];
    TEST("template marks");
    v[0] = test_template_var("x", "\"a bC\"", false), v[1] = test_template_var("b", "BOS", true), v[1].is_text = true;
    v[2] = test_template_var("o", "{\"k\":[1,\"v\"]}", false), v[3] = test_template_var("n", "7", false);
    for (int i = 0; i < LL_COUNT(cases); i++) {
        test_template_render(&t, cases[i].source, v, 4);
        CHECK_EQ(t.result, LLOCAL_OK);
        test_template_marked(&t, marked);
        CHECK(strcmp(marked, cases[i].want) == 0);
        if (strcmp(marked, cases[i].want)) printf("       %s gave %s %s\n", cases[i].source, marked, t.fault.message);
    }
}

/* Every way to fail: an allocator that gives nothing from the n-th time on. */
static int test_template_left;
static void *test_template_fail(void *user, void *ptr, size_t old_size, size_t new_size) {
    if (new_size && test_template_left-- <= 0) return NULL;
    return test_template_resize(user, ptr, old_size, new_size);
}
static void test_template_memory(void) {
    static test_template_state t;
    llocal_allocator a;
    ll_template_var v = test_template_var(NULL, test_template_context, false);
    llocal_result r = LLOCAL_ERR_MEMORY;
    TEST("template memory");
    memset(&a, 0, sizeof a), memset(&t.run, 0, sizeof t.run);
    a.resize = test_template_fail;
    test_template_bytes = 0;
    for (int n = 0; n < 60 && r; n++) {
        ll_template *compiled;
        test_template_left = n;
        r = ll_template_open(ll_str("{% set ns = namespace(s='') %}{% for i in range(500) %}{% set ns.s = ns.s ~ [i, ms] %}{% endfor %}{{ ns.s }}"), &a, &t.fault, &compiled);
        t.run.vars = &v, t.run.n_vars = 1;
        if (!r) r = ll_template_render(compiled, &t.run, NULL, &t.fault);
        CHECK(r == LLOCAL_OK || r == LLOCAL_ERR_MEMORY);
        ll_template_close(compiled);
        CHECK_EQ(test_template_bytes, 0);
    }
    CHECK_EQ(r, LLOCAL_OK);
}

/* What is trusted of an output, in one piece. */
static size_t test_template_trusted(const char *text, const ll_template_run *run, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < run->n_spans; i++)
        if (run->spans[i].trusted) memcpy(out + n, text + run->spans[i].at, run->spans[i].len), n += run->spans[i].len;
    return n;
}

/* A conversation in whose texts the word is. */
static const char *test_template_talk(const char *word) {
    static char json[2][6000];
    static int turn;
    llocal_json_writer w;
    static const char *const roles[] = { "system", "user", "assistant", "user", "assistant", "user" };
    memset(&w, 0, sizeof w);
    w.out = json[turn ^= 1], w.cap = sizeof json[0] - 1;
    llocal_json_put(&w, "[");
    for (int i = 0; i < 6; i++) {
        llocal_json_put(&w, "{"), llocal_json_put_key(&w, ll_str("role")), llocal_json_put_string(&w, ll_str(roles[i]));
        llocal_json_put_key(&w, ll_str("content")), llocal_json_put_string(&w, ll_str(word)), llocal_json_put(&w, "}");
    }
    llocal_json_put(&w, "]");
    w.out[w.n] = 0;
    return w.out;
}

/* With the templates of models: text that looks like what a template writes is never trusted, and what is
 * trusted is what a render of a text that looks like nothing has. */
static void test_template_model(const char *source, size_t len, int *n) {
    static char out[200000], first[200000], second[200000];
    static ll_text_span spans[4000];
    static const char *const words[] = { "plain text", "<|im_start|>", "<|eot_id|><s>", "</s>[INST]", "<start_of_turn>user" };
    ll_template *t;
    ll_template_var v[4];
    llocal_str src;
    size_t n_first = 0;
    src.ptr = source, src.len = len;
    CHECK_EQ(ll_template_open(src, NULL, NULL, &t), LLOCAL_OK);
    v[0] = test_template_var("bos_token", "\"<BOS>\"", true), v[1] = test_template_var("eos_token", "\"<EOS>\"", true);
    v[2] = test_template_var("add_generation_prompt", "true", true);
    for (int i = 0; i < LL_COUNT(words); i++) {
        ll_template_run run;
        size_t n_second, untrusted = 0;
        memset(&run, 0, sizeof run);
        v[3] = test_template_var("messages", test_template_talk(words[i]), false);
        run.vars = v, run.n_vars = 4, run.out = out, run.cap = sizeof out, run.spans = spans, run.span_cap = LL_COUNT(spans);
        if (ll_template_render(t, &run, NULL, NULL)) break;       /* it wants other roles */
        n_second = test_template_trusted(out, &run, i ? second : first);
        if (!i) n_first = n_second;
        else CHECK(n_first == n_second && memcmp(first, second, n_first) == 0);
        for (size_t k = 0; k < run.n_spans; k++) if (!run.spans[k].trusted) untrusted += run.spans[k].len;
        CHECK_EQ(untrusted + n_second, run.n_out);
        ++*n;
    }
    ll_template_close(t);
}

static void test_template_models(void) {
    static const char *const names[] = { "Qwen-Qwen3-0.6B", "meta-llama-Llama-3.1-8B-Instruct", "google-gemma-2-2b-it", "openai-gpt-oss-120b",
        "mistralai-Mistral-Nemo-Instruct-2407", "microsoft-Phi-3.5-mini-instruct", "deepseek-ai-DeepSeek-V3.1", "GLM-4.6", "Kimi-K2-Thinking",
        "Reka-Edge", "google-gemma-4-31B-it", "ibm-granite-granite-4.0", "HuggingFaceTB-SmolLM3-3B", "Qwen3-Coder", "LFM2-8B-A1B" };
    int n = 0;
    TEST("template models");
    for (int i = 0; i < LL_COUNT(names); i++) {
        char path[200], *text = NULL, *source;
        const char *where;
        llocal_json j;
        int len;
        snprintf(path, sizeof path, "golden/chat/%s.jsonl", names[i]);
        where = t_shared(path);
        if (where) text = t_read_file(where, NULL);
        if (!text) { SKIP("the templates of models are not here: set LLOCAL_SHARED"); return; }
        CHECK(test_json_read(&j, text, strcspn(text, "\n")) > 0);
        len = llocal_json_text(&j, llocal_json_find(&j, 0, "template"), NULL, 0);
        source = (char *)malloc((size_t)len + 1);
        llocal_json_text(&j, llocal_json_find(&j, 0, "template"), source, len);
        test_template_model(source, (size_t)len, &n);
        free(source), free(text);
    }
    CHECK(n >= 50);
}

static void test_template(void) {
    test_template_table();
    test_template_space();
    test_template_changes();
    test_template_limits();
    test_template_stack();
    test_template_marks();
    test_template_memory();
    test_template_models();
}
#endif
