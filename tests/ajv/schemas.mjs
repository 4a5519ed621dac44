// Random JSON Schemas, one a line: node schemas.mjs SEED COUNT. All keywords that >>rule has, mixed and nested.
let state = Number(process.argv[2] || 1) >>> 0
function random() {                     // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const chance = p => random() < p
const upTo = n => Math.floor(random() * (n + 1))
const one = list => list[Math.floor(random() * list.length)]
const some = (list, n) => [...list].map(v => [random(), v]).sort((a, b) => a[0] - b[0]).slice(0, n).map(p => p[1])

const names = ['a', 'ab', 'abc', 'b', 'name', 'kind', 'x y', 'é', '"q"', 'items', 'value', 'n', '', 'a/b', 'type', '日本', 'long_name_of_a_member']
const patterns = ['^a', 'b$', '^[a-z]{2,5}$', '\\d', '^(foo|bar)+$', '^x-', '[A-Z]', '^\\w+$', 'a.c', '^[^"]*$', '^(ab)*$', '^.{3}$', '\\s',
    '^[A-Z]{2}\\d{2,4}$', '^(\\+|-)?\\d+(\\.\\d{1,2})?$', '\\p{Lu}', '^[^a-y]+z?$', '^$|^a+$', 'a|b|cd', '^\\u00e9+$', '^(?:a|b(?:c|d)*)?e$', '[\\]\\\\]', '^\\S{1,12}$']
const nameable = patterns.filter(p => !['^$|^a+$', '^(ab)*$'].includes(p))
const formats = ['date', 'time', 'date-time', 'duration', 'uuid', 'email', 'ipv4', 'ipv6', 'uri', 'uri-reference', 'hostname', 'json-pointer',
    'relative-json-pointer', 'regex', 'uri-template']
const scalars = ['a', 'b', 'ab', 'x"y', 'é', '', '\n', 1, 2.5, -3, 0, 100, null, true, false]

function numbers(type) {
    const s = { type }
    const at = type === 'integer' ? [0, 1, -5, 10, 100, -1000] : [0, 1, -0.5, 2.25, 10, 0.001, -99.99]
    if (chance(0.5)) s.minimum = one(at)
    if (chance(0.4)) s.maximum = one([120, 200.5, 1000, 150, 10000, 101])
    if (chance(0.2)) s.exclusiveMinimum = one([0, 1, -1.5, 9, 99.75])
    if (chance(0.2)) s.exclusiveMaximum = one([201, 333.3, 500])
    if (chance(0.25)) s.multipleOf = type === 'integer' ? one([1, 2, 5, 7, 10, 3]) : one([0.5, 0.25, 0.01, 0.1, 1, 3])
    return s
}

function string() {
    const s = { type: 'string' }
    if (chance(0.3)) s.minLength = upTo(4)
    if (chance(0.3)) s.maxLength = 4 + upTo(9)
    if (chance(0.05)) s.maxLength = 100000
    if (chance(0.35)) s.pattern = one(patterns)
    else if (chance(0.35)) s.format = one(formats), delete s.minLength, delete s.maxLength
    if (chance(0.06)) s.not = one([{ enum: ['a', 'b'] }, { const: '' }, { pattern: '^b' }, { maxLength: 1 }])
    return s
}

function leaf() {
    switch (upTo(10)) {
    case 0: return numbers('integer')
    case 1: return numbers('number')
    case 2: return { type: one(['boolean', 'null']) }
    case 3: return { enum: some([...scalars, [1], { a: 1 }, [1, 'x', [null]]], 1 + upTo(5)) }
    case 4: return { const: one([...scalars, [1, 'x'], { k: [] }]) }
    case 5: return one([true, {}, { description: 'anything' }])
    case 6: return { ...string(), type: some(['string', 'integer', 'null', 'boolean'], 2) }
    case 7: return { type: 'integer', nullable: true }
    case 8: return { $ref: one(['#/$defs/tree', '#/$defs/word', '#word']) }
    default: return string()
    }
}

function object(depth) {
    const own = some(names, upTo(5)), s = { type: 'object', properties: {} }
    for (const p of own) s.properties[p] = schema(depth - 1)
    if (own.length) s.required = some(own, upTo(own.length))
    if (chance(0.6)) s.additionalProperties = one([false, false, schema(depth - 1)])
    if (chance(0.15)) s.minProperties = upTo(3)
    if (chance(0.15)) s.maxProperties = (s.required || []).length + upTo(3)
    if (chance(0.15)) s.patternProperties = { [one(nameable)]: schema(depth - 1) }
    if (chance(0.1)) s.propertyNames = one([{ maxLength: 6 }, { pattern: '^[a-z"]' }, { enum: ['a', 'b', 'name', 'zz'] }, { minLength: 1 }, { not: { enum: ['a', 'value'] } }])
    if (chance(0.1)) s.required = [...(s.required || []), 'extra']
    if (chance(0.08) && own.length) s.dependentRequired = { [one(own)]: [one(own)] }
    if (chance(0.08) && own.length) s.dependentSchemas = { [one(own)]: one([{ required: [one(own)] }, { maxProperties: 2 }, { properties: { n: { type: 'integer' } } }]) }
    if (chance(0.06)) s.not = one([{ required: [one(names.filter(n => n))] }, { minProperties: 4 }, { maxProperties: 0 }, { properties: { a: { type: 'string' } }, required: ['a'] }])
    if (chance(0.06)) s.unevaluatedProperties = false, delete s.additionalProperties
    return s
}

function array(depth) {
    const s = { type: 'array' }
    if (chance(0.8)) s.items = schema(depth - 1)
    if (chance(0.25)) s.prefixItems = Array.from({ length: 1 + upTo(2) }, () => schema(depth - 1))
    if (chance(0.3)) s.minItems = upTo(3)
    if (chance(0.5)) s.maxItems = 3 + upTo(3)
    if (!s.prefixItems && chance(0.12)) {
        s.contains = one([{ const: 1 }, { type: 'integer' }, { type: 'string', pattern: '^a' }, { enum: ['x', null] }])
        if (chance(0.4)) s.minContains = 1 + upTo(1)
        if (chance(0.4)) s.maxContains = (s.minContains || 1) + upTo(1)
        if (chance(0.1)) s.minContains = 0
    } else if (!s.prefixItems && chance(0.2)) {
        s.uniqueItems = true
        s.items = one([{ type: 'boolean' }, { enum: ['a', 'b', 'c', 1] }, { type: 'string', pattern: '^[ab]{1,2}$' }, { type: 'integer', minimum: 0, maximum: 9 },
            { type: 'string', maxLength: 3 }, { type: 'string' }])
        if (s.minItems > 2) s.minItems = 2
    } else if (chance(0.15)) {
        s.not = one([{ minItems: 3 }, { maxItems: 0 }, { contains: { type: 'null' } }])
        if (!s.prefixItems && chance(0.3)) s.items = { type: ['string', 'integer'] }, s.not = { items: { type: 'string' } }
    }
    if (s.prefixItems && chance(0.3)) delete s.items, s.unevaluatedItems = one([false, { type: 'integer' }])
    return s
}

function tagged(depth) {                // what a const of a member decides
    const kinds = some(['cat', 'dog', 'fish', 'ca'], 2 + upTo(1))
    const of = k => ({ type: 'object', properties: { kind: { const: k }, [one(names.slice(0, 4))]: schema(depth - 1) }, required: ['kind'], additionalProperties: false })
    if (chance(0.3)) return { type: 'object', properties: { kind: { enum: kinds }, n: { type: 'integer' }, w: { type: 'string' } }, required: ['kind'],
        if: { properties: { kind: { const: kinds[0] } } }, then: { required: ['n'] }, else: { properties: { w: { maxLength: 3 } } }, additionalProperties: false }
    return { [one(['oneOf', 'anyOf'])]: kinds.map(of) }
}

function merged(depth) {
    if (chance(0.3)) return { allOf: [string(), one([{ minLength: 1 }, { maxLength: 40 }, { pattern: '[a-z]' }, { type: ['string', 'null'] }])] }
    if (chance(0.5)) return { ...object(depth), additionalProperties: true, unevaluatedProperties: undefined, allOf: [{ properties: { a: {}, more: { type: 'integer' } } }, { required: ['more'] }] }
    if (chance(0.3)) return { enum: some(scalars, 8), not: one([{ pattern: '^$' }, { minimum: 1 }, { type: 'string', maxLength: 1 }]) }
    if (chance(0.3)) return { type: 'integer', minimum: -20, maximum: 40, not: one([{ oneOf: [{ minimum: 5 }, { multipleOf: 2 }] }, { if: { minimum: 5 }, then: { multipleOf: 3 }, else: { multipleOf: 2 } }]) }
    return { oneOf: [{ type: 'integer', maximum: 10 }, { type: 'integer', minimum: 5 }, { type: 'string', maxLength: 2 }] }
}

function schema(depth) {
    const k = random()
    if (depth <= 0 || k < 0.35) return leaf()
    if (k < 0.65) return object(depth)
    if (k < 0.8) return array(depth)
    if (k < 0.87) return tagged(depth)
    if (k < 0.92) return merged(depth)
    if (k < 0.97) return { anyOf: Array.from({ length: 1 + upTo(2) }, () => schema(depth - 1)) }
    return { type: 'object', properties: { t: schema(depth - 1) }, anyOf: [{ required: ['t'] }, { properties: { u: { type: 'integer' } }, required: ['u'] }] }
}

for (let i = Number(process.argv[3] || 100); i > 0; i--) {
    let s = schema(3)
    if (typeof s !== 'object') s = { allOf: [s] }
    const tree = { type: 'object', properties: { v: { type: 'integer', maximum: 99 }, next: { $ref: '#/$defs/tree' },
        l: { type: 'array', items: { $ref: '#/$defs/tree' }, maxItems: 2 } }, required: ['v'], additionalProperties: false }
    const word = { $anchor: 'word', type: 'string', pattern: '^[a-z]{1,8}$' }
    if (!chance(0.25)) { console.log(JSON.stringify({ ...s, $defs: { tree, word } })); continue }
    // documents inside of one, with $defs and anchors of their own (and no $dynamicRef, which ajv takes for another thing)
    const at = `http://x.y/${i}/`, kinds = [{ type: 'integer' }, { type: 'string', maxLength: 3 }, { enum: ['a', null, 2] }]
    const list = $id => ({ $id, type: 'array', items: { $ref: '#item' }, maxItems: 3, $defs: { item: { $anchor: 'item', ...one(kinds) } } })
    const lists = { ...list('lists'), items: { $ref: one(['deep#item', '/texts#item', '#item']) } }, texts = list('/texts')
    const inner = { $id: 'inner/', allOf: [s], $defs: { tree, word, deep: list('../deep') } }
    console.log(JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: at + 'all', type: 'object', properties: { a: { $ref: 'inner/' },
        b: { $ref: one(['lists', at + 'lists', '#/$defs/lists']) }, c: { $ref: one(['/texts', 'http://x.y/texts']) }, d: { $ref: one(['inner/#word', '#/$defs/inner/$defs/word']) } },
        required: one([['a'], ['b'], ['c', 'd'], []]), additionalProperties: false, $defs: { tree: { const: 'not this one' }, word: { $anchor: 'word', const: 0 }, inner, lists, texts } }))
}
