/* Templates of our own, one for each form of calls, and replies with what comes of them; the fuzzer starts from these. */
#ifndef SPLIT_CASES_H
#define SPLIT_CASES_H

#define TEST_SPLIT_HEAD "{% if tools %}<|tools|>{{ tools|tojson }}{% endif %}{% for m in messages %}<|{{ m.role }}|>"
#define TEST_SPLIT_THINK "{% if m.reasoning_content %}<think>\n{{ m.reasoning_content }}\n</think>\n\n{% endif %}{{ m.content }}"
#define TEST_SPLIT_EACH "{% for c in m.tool_calls or [] %}{% set f = c.function %}"
#define TEST_SPLIT_PAIRS "{% for k, v in f.arguments.items() %}"
#define TEST_SPLIT_VALUE "{{ v if v is string else v|tojson }}"
#define TEST_SPLIT_TAIL "<|done|>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
enum { TEST_SPLIT_OBJECT, TEST_SPLIT_PLAIN = 10, TEST_SPLIT_BARE, TEST_SPLIT_HARMONY, TEST_SPLIT_RECIPIENTS = 18 };
static const struct { const char *name; int kind; const char *source; } test_split_templates[] = {
    { "an object in tags", LL_FORM_JSON, TEST_SPLIT_HEAD TEST_SPLIT_THINK TEST_SPLIT_EACH "\n<call>\n{{ f|tojson }}\n</call>{% endfor %}" TEST_SPLIT_TAIL },
    { "a list with ids", LL_FORM_JSON, TEST_SPLIT_HEAD TEST_SPLIT_THINK "{% if m.tool_calls %}[CALLS][{% for c in m.tool_calls %}{\"tool\": "
      "{{ c.function.name|tojson }}, \"input\": {{ c.function.arguments|tojson }}, \"ident\": \"{{ c.id }}\"}{{ ', ' if not loop.last }}{% endfor %}]{% endif %}" TEST_SPLIT_TAIL },
    { "a list by names", LL_FORM_JSON, TEST_SPLIT_HEAD TEST_SPLIT_THINK "{% if m.tool_calls %}<|calls|>[{% for c in m.tool_calls %}{ {{- c.function.name|tojson }}: "
      "{{ c.function.arguments|tojson }}}{{ ', ' if not loop.last }}{% endfor %}]<|/calls|>{% endif %}" TEST_SPLIT_TAIL },
    { "name, id, object", LL_FORM_ARGS, TEST_SPLIT_HEAD TEST_SPLIT_THINK TEST_SPLIT_EACH "[CALL]{{ f.name }}[ID]{{ c.id }}[WITH]{{ f.arguments|tojson }}{% endfor %}" TEST_SPLIT_TAIL },
    { "a section, id first", LL_FORM_ARGS, TEST_SPLIT_HEAD TEST_SPLIT_THINK "{% if m.tool_calls %}<|section|>" TEST_SPLIT_EACH
      "<|begin|>{{ c.id }}<|name|>{{ f.name }}\n```json\n{{ f.arguments|tojson }}\n```<|end|>{% endfor %}<|/section|>{% endif %}" TEST_SPLIT_TAIL },
    { "functions.name:0", LL_FORM_ARGS, TEST_SPLIT_HEAD TEST_SPLIT_THINK "{% if m.tool_calls %}<|section|>" TEST_SPLIT_EACH
      "<|begin|>functions.{{ f.name }}:{{ loop.index0 }}<|with|>{{ f.arguments|tojson }}<|end|>{% endfor %}<|/section|>{% endif %}" TEST_SPLIT_TAIL },
    { "parameters, a line each", LL_FORM_PAIRS, TEST_SPLIT_HEAD TEST_SPLIT_THINK TEST_SPLIT_EACH "\n<call>\n<function={{ f.name }}>\n" TEST_SPLIT_PAIRS
      "<arg={{ k }}>\n" TEST_SPLIT_VALUE "\n</arg>\n{% endfor %}</function>\n</call>{% endfor %}" TEST_SPLIT_TAIL },
    { "keys and values", LL_FORM_PAIRS, TEST_SPLIT_HEAD TEST_SPLIT_THINK TEST_SPLIT_EACH "\n<call>{{ f.name }}\n" TEST_SPLIT_PAIRS
      "<k>{{ k }}</k>\n<v>" TEST_SPLIT_VALUE "</v>\n{% endfor %}</call>{% endfor %}" TEST_SPLIT_TAIL },
    { "parameters with types", LL_FORM_PAIRS, TEST_SPLIT_HEAD TEST_SPLIT_THINK "{% if m.tool_calls %}\n\n<calls>\n" TEST_SPLIT_EACH "<do name=\"{{ f.name }}\">\n"
      TEST_SPLIT_PAIRS "<with name=\"{{ k }}\" string=\"{{ 'true' if v is string else 'false' }}\">" TEST_SPLIT_VALUE
      "</with>\n{% endfor %}</do>\n{% endfor %}</calls>{% endif %}" TEST_SPLIT_TAIL },
    { "quotes of its own", LL_FORM_ARGS, "{% macro value(v) %}{% if v is string %}<|q|>{{ v }}<|q|>{% elif v is mapping %}{ {%- for k, x in v|dictsort %}{{ ',' if not loop.first }}"
      "{{ k }}:{{ value(x) }}{% endfor %}}{% elif v is iterable %}[{% for x in v %}{{ ',' if not loop.first }}{{ value(x) }}{% endfor %}]{% else %}{{ v|tojson }}{% endif %}{% endmacro %}"
      TEST_SPLIT_HEAD "{% if m.reasoning_content %}<|channel>thought\n{{ m.reasoning_content }}\n<channel|>{% endif %}" TEST_SPLIT_EACH
      "<|call>call:{{ f.name }}{{ value(f.arguments) }}<call|>{% endfor %}{{ m.content }}" TEST_SPLIT_TAIL },
    { "no calls", LL_FORM_JSON, "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}" TEST_SPLIT_TAIL },
    { "nothing before the object", LL_FORM_JSON, TEST_SPLIT_HEAD "{% if m.tool_calls %}{% if m.tool_calls|length > 1 %}{{ raise_exception('one') }}{% endif %}{\"name\": "
      "\"{{ m.tool_calls[0].function.name }}\", \"parameters\": {{ m.tool_calls[0].function.arguments|tojson }}}{% else %}{{ m.content }}{% endif %}" TEST_SPLIT_TAIL },
    { "harmony", LL_FORM_HARMONY, "{% for m in messages %}<|start|>{{ m.role }}{% if m.role == 'assistant' %}{% if m.reasoning_content %}<|channel|>analysis<|message|>{{ m.reasoning_content }}<|end|>"
      "<|start|>assistant{% endif %}{% if m.tool_calls %}" TEST_SPLIT_EACH " to=functions.{{ f.name }}<|channel|>commentary json<|message|>{{ f.arguments|tojson }}<|call|>"
      "{{ '<|start|>assistant' if not loop.last }}{% endfor %}{% else %}<|channel|>final<|message|>{{ m.content }}<|return|>{% endif %}{% else %}<|message|>{{ m.content }}<|end|>{% endif %}"
      "{% endfor %}{% if add_generation_prompt %}<|start|>assistant{% endif %}" },
    { "names after a mark in the prompt", LL_FORM_ARGS, "{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}<|{{ m.role }}|>\n{% if m.role == 'assistant' %}"
      "{% if m.content %}>>>all\n{{ m.content }}{% endif %}" TEST_SPLIT_EACH ">>>{{ f.name }}\n{{ f.arguments|tojson }}{% endfor %}{% else %}{{ m.content }}{% endif %}"
      "<|done|>{% endfor %}{% if add_generation_prompt %}<|assistant|>\n>>>{% endif %}" },
    { "messages of parts", LL_FORM_ARGS, TEST_SPLIT_HEAD "{% if m.role == 'assistant' %}{% if m.reasoning_content %}<|think|>{{ m.reasoning_content }}<|over|><|assistant|>{% endif %}"
      "{% if m.tool_calls %}<|calls|>" TEST_SPLIT_EACH "<|call|>{{ f.name }}<|args|>{{ f.arguments|tojson }}<|/call|>{% endfor %}<|/calls|>{% else %}<|say|>{{ m.content }}{% endif %}<|over|>"
      "{% else %}{{ m.content }}<|over|>{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}" },
    { "objects in one section", LL_FORM_JSON, TEST_SPLIT_HEAD TEST_SPLIT_THINK "{% if m.tool_calls %}\n<calls>\n" TEST_SPLIT_EACH "{{ f|tojson }}\n{% endfor %}</calls>{% endif %}" TEST_SPLIT_TAIL },
    { "parameters in CDATA", LL_FORM_PAIRS, TEST_SPLIT_HEAD TEST_SPLIT_THINK TEST_SPLIT_EACH "\n<do name=\"{{ f.name }}\">" TEST_SPLIT_PAIRS
      "<with name=\"{{ k }}\">{% if v is string and ('<' in v or '\\n' in v) %}<![CDATA[{{ v }}]]>{% else %}{{ v }}{% endif %}</with>{% endfor %}</do>{% endfor %}" TEST_SPLIT_TAIL },
    { "a list of Python", LL_FORM_PYTHON, TEST_SPLIT_HEAD TEST_SPLIT_THINK "{% if m.tool_calls %}<|run|>[" TEST_SPLIT_EACH "{{ f.name }}({% for k, v in f.arguments.items() %}{{ k }}="
      "{{ v|tojson if v is string else v }}{{ ', ' if not loop.last }}{% endfor %}){{ ', ' if not loop.last }}{% endfor %}]<|/run|>{% endif %}" TEST_SPLIT_TAIL },
    { "recipients", LL_FORM_HARMONY, "{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}{% if m.role == 'assistant' %}{% if m.reasoning_content %}<|start|>assistant to=self<|message|>"
      "{{ m.reasoning_content }}<|eom|>{% endif %}{% if m.tool_calls %}" TEST_SPLIT_EACH "<|start|>assistant to={{ f.name }}<|message|><calls>\n<do name=\"{{ f.name }}\">\n" TEST_SPLIT_PAIRS
      "<with name=\"{{ k }}\">" TEST_SPLIT_VALUE "</with>\n{% endfor %}</do>\n</calls>{{ '<|eot|>' if loop.last else '<|eom|>' }}{% endfor %}{% else %}<|start|>assistant to=user<|message|>{{ m.content }}<|eot|>"
      "{% endif %}{% else %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|eot|>{% endif %}{% endfor %}{% if add_generation_prompt %}<|start|>assistant{% endif %}" },
    { "long tags with types", LL_FORM_PAIRS, "{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}<|open|>message role=\"{{ m.role }}\"<|sep|>{% if m.role == 'assistant' %}<|open|>think<|sep|>"
      "{{ m.reasoning_content or '' }}<|close|>think<|sep|><|open|>say<|sep|>{{ m.content or '' }}<|close|>say<|sep|>{% if m.tool_calls %}<|open|>tools<|sep|>" TEST_SPLIT_EACH
      "<|open|>call tool=\"{{ f.name }}\" index=\"{{ loop.index }}\"<|sep|>" TEST_SPLIT_PAIRS "<|open|>argument key=\"{{ k }}\" type=\"{% if v is boolean %}boolean{% elif v is number %}number{% elif v is string "
      "%}string{% else %}object{% endif %}\"<|sep|>" TEST_SPLIT_VALUE "<|close|>argument<|sep|>{% endfor %}<|close|>call<|sep|>{% endfor %}<|close|>tools<|sep|>{% endif %}{% else %}{{ m.content }}{% endif %}"
      "<|close|>message<|sep|>{% endfor %}{% if add_generation_prompt %}<|open|>message role=\"assistant\"<|sep|>{% endif %}" }
};

/* As a line: {thoughts} text [id name arguments, ! if broken] and ! where END says so. */
static const struct { int which; const char *tools, *reply, *want; } test_split_cases[] = {
    { 0, "", "plain text, 1 < 2 <b> </call>", "plain text, 1 < 2 <b> </call>" },
    { 0, "", "", "" },
    { 0, "", " \n a \n ", " \n a \n " },
    { 0, "", "a<call>{\"arguments\": {\"x\": [1, {}]}, \"id\": \"i\", \"name\": \"f\"}</call>", "a[i f {\"x\": [1, {}]}]" },
    { 0, "", "<call>{\"id\": \"i\", \"name\": \"f\", \"arguments\": {}} </call> b", "b[i f {}]" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": {}, \"id\": \"i\", \"more\": [{\"x\": null}]}</call>", "[i f {}]" },
    { 0, "", "<call>[{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\"}]</call>", "[f {}][g {}]" },
    { 0, "", "<call>{\"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": {\"a\": 1}}, \"id\": \"9\"}</call>", "[9 f {\"a\": 1}]" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": \\\"\\\\n\\\"}\"}</call>", "[f {\"a\": \"\\n\"}]" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": \" \"}</call>", "[f {}]" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": \\\"\\u00e9\\ud83d\\ude00\\\"}\"}</call>", "[f {\"a\": \"\xC3\xA9\xF0\x9F\x98\x80\"}]" },
    { 0, "", "<call>{\"name\": \"f\\u1\"", "<call>{\"name\": \"f\\u1\" !" },
    { 0, "", "<call>{\"name\": \"f\\q\"}</call>", "<call>{\"name\": \"f\\q\"}</call> !" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": null}</call>", "[f {}]" },
    { 0, "", "<call>{'name': 'f'}</call>", "<call>{'name': 'f'}</call> !" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": {'a': True, \"b\": 'x\"\\'', \"c\": [1, 2,],}}</call>", "[f {\"a\": true, \"b\": \"x\\\"'\", \"c\": [1, 2]}]" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": {\"a\": \"1\n2\t\\d\\u00e9\\x41\"}}</call>", "[f {\"a\": \"1\\n2\\t\\\\d\\u00e9\\u0041\"}]" },
    { 0, "", "<call>{\"name\": \"a b\", \"arguments\": {}}</call>", "<call>{\"name\": \"a b\", \"arguments\": {}}</call> !" },
    { 0, "", "a <call>{\"name\": \"f\", \"arguments\": {\"a\": 01}}</call>", "a01}}</call>[f {\"a\":  !] !" },
    { 0, "", "a <call>{\"name\": \"f\", \"arguments\": {\"a\"", "a[f {\"a\" !] !" },
    { 0, "", "a <call>{\"name\": \"f\"", "a <call>{\"name\": \"f\" !" },
    { 0, "", "a <call>", "a <call> !" },
    { 0, "", "a <cal", "a <cal" },
    { 0, "", "a <call>b <call>{\"name\": \"f\", \"arguments\": {}}</call> c", "a <call>bc[f {}] !" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": {}} x", "x[f {}] !" },
    { 0, "", "<call>{\"name\": \"f\", \"arguments\": {}}", "[f {}] !" },
    { 0, "", "<think>\nhm\n</think>\n\nyes <think> </think>", "{hm}yes <think> </think>" },
    { 0, "", "<thinking>hm</thinking>yes", "{hm}yes" },
    { 0, "", "<think>hm", "{hm} !" },
    { 0, "", "<think></think>yes<|done|>\n", "yes" },
    { 0, "", "yes<|done|> no", "yes<|done|> no" },
    { 6, "", "<call>\n<function=f>\n<arg=a>\n1\n</arg>\n<arg=b>\nx\ny\n</arg><arg=c>[1, 'a']</arg><arg=d>\n\n null \n\n</arg><arg=e>True</arg></function></call>",
      "[f {\"a\":1,\"b\":\"x\\ny\",\"c\":[1, \"a\"],\"d\":null,\"e\":\"True\"}]" },
    { 6, "t", "<call><function=f><arg=a>1</arg><arg=b>1</arg><arg=c>true</arg><arg=d>yes</arg><arg=e>7</arg><arg=g>null</arg></function></call>",
      "[f {\"a\":\"1\",\"b\":1,\"c\":true,\"d\":\"yes\",\"e\":\"7\",\"g\":null}]" },
    { 6, "", "<call><function=f></function></call>", "[f {}]" },
    { 6, "", "x\n<function=f>\n<arg=a>\n1\n</arg>\n</function>\n</call>", "x[f {\"a\":1}]" },
    { 6, "", "<call>\n<function=f>\n</function>\n<function=g>\n</function>\n</call>\ny", "y[f {}][g {}]" },
    { 6, "", "<call><function=f><arg=a>1</arg>x</function></call>", "x</function></call>[f {\"a\":1 !] !" },
    { 6, "", "<call>{\"name\": \"f\", \"arguments\": {}}</call>", "<call>{\"name\": \"f\", \"arguments\": {}}</call> !" },
    { 9, "", "<|call>call:f{a:<|q|>x\"{\\<|q|>,b:[<|q|><|q|>,false],c:{d:1.5},e:word}<call|>", "[f {\"a\":\"x\\\"{\\\\\",\"b\":[\"\",false],\"c\":{\"d\":1.5},\"e\":\"word\"}]" },
    { 10, "", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>\n<tool_call>\n{\"name\": \"g\", \"arguments\": {}}\n</tool_call>", "[f {\"a\": 1}][g {}]" },
    { 10, "", "ok <|tool_call_start|>[f(a=\"x\", b=[1, 2], c={'d': None}), g()]<|tool_call_end|> done", "okdone[f {\"a\":\"x\", \"b\":[1, 2], \"c\":{\"d\": null}}][g {}]" },
    { 10, "", "<|tool_call_start|>[{\"name\": \"f\", \"arguments\": {}}]<|tool_call_end|>", "[f {}]" },
    { 10, "", "<|tool_call_start|>[f(1)]<|tool_call_end|>", "<|tool_call_start|>[f(1)]<|tool_call_end|> !" },
    { 10, "", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}]<|/tool_call|>", "[f {}]" },
    { 10, "", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}]", "[f {}]" },
    { 10, "", "<|python_tag|>print(1)\n\"x\"<|eom_id|>", "[python {\"code\":\"print(1)\\n\\\"x\\\"\"}]" },
    { 10, "", "<|python_tag|>search.call(query=\"x\")", "[search {\"query\":\"x\"}]" },
    { 10, "", "<|python_tag|>{\"name\": \"f\", \"parameters\": {}}", "[f {}]" },
    { 10, "", "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>", "[functions.f:0 f {}]" },
    { 10, "", "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {}, \"id\": \"i\"}]", "[i f {}]" },
    { 10, "", "<think>hm</think>yes", "{hm}yes" },
    { 11, "t", "{\"name\": \"f\", \"parameters\": {\"a\": 1}}", "[f {\"a\": 1}]" },
    { 11, "t", "{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"f\", \"parameters\": {}}", "[f {}][f {}]" },
    { 11, "t", "{\"name\": \"other\", \"parameters\": {}}", "{\"name\": \"other\", \"parameters\": {}}" },
    { 11, "t", "{\"name\": \"f\", \"age\": 3}", "{\"name\": \"f\", \"age\": 3}" },
    { 11, "", "{\"name\": \"f\", \"parameters\": {}}", "{\"name\": \"f\", \"parameters\": {}}" },
    { 11, "t", "so {\"name\": \"f\", \"parameters\": {}}", "so {\"name\": \"f\", \"parameters\": {}}" },
    { 12, "", "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\": 1}<|call|>", "{hm}[f {\"a\": 1}]" },
    { 12, "", "<|channel|>commentary<|message|>wait<|end|><|start|>assistant<|channel|>final<|message|>yes", "waityes" },
    { 12, "", " to=python<|channel|>analysis<|message|>print(1)<|call|>", "[python {\"code\":\"print(1)\"}]" },
    { 12, "", "hello", "hello" },
    { 15, "", "a\n<calls>\n{\"name\": \"f\", \"arguments\": {}}\n{\"name\": \"g\", \"arguments\": {\"a\": 1}}\n</calls>", "a[f {}][g {\"a\": 1}]" },
    { 16, "", "<do name=\"f\"><with name=\"a\"><![CDATA[</with>\n]]</do>]]></with><with name=\"b\">2</with></do>", "[f {\"a\":\"</with>\\n]]</do>\",\"b\":2}]" },
    { 16, "", "<do name=\"f\"><with name=\"a\"><![CDATA[x</with></do>", "[f {\"a\":\"x</with></do> !] !" },
    { 17, "", "<|run|>[f(a='it', b=None), g()]<|/run|>so", "so[f {\"a\":\"it\", \"b\":null}][g {}]" },
    { 18, "", " to=self<|message|>hm<|eom|><|start|>assistant to=f<|message|><calls>\n<do name=\"f\">\n<with name=\"a\">1</with>\n</do>\n</calls><|eom|><|start|>assistant to=user<|message|>yes<|eot|>",
      "{hm}yes[f {\"a\":1}]" },
    { 18, "", " to=user<|message|>yes", "yes" },
    { 19, "", "<|open|>think<|sep|><|close|>think<|sep|><|open|>say<|sep|>yes<|close|>say<|sep|><|open|>tools<|sep|><|open|>call tool=\"f\" index=\"7\"<|sep|><|open|>argument key=\"a\" type=\"number\"<|sep|>1"
      "<|close|>argument<|sep|><|open|>argument key=\"b\" type=\"string\"<|sep|>1<|close|>argument<|sep|><|open|>argument key=\"c\" type=\"null\"<|sep|>null<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>",
      "yes[f {\"a\":1,\"b\":\"1\",\"c\":null}]" },
    { 13, "", "all\nhello>>>f\n{}", "hello[f {}]" },
    { 13, "", "f\n{\"a\": 1}>>>g\n{}", "[f {\"a\": 1}][g {}]" },
    { 13, "", "hello", "hello" },
};
static const char test_split_types[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":"
    "{\"type\":[\"integer\",\"null\"]},\"c\":{\"anyOf\":[{\"type\":\"boolean\"},{\"type\":\"string\"}]},\"d\":{\"type\":\"boolean\"},\"e\":"
    "{\"enum\":[\"7\",\"8\"]},\"g\":{\"type\":[\"string\",\"null\"]}}}}}]";
#endif
