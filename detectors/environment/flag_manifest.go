package environment

// Feature flag definitions: which files hold them, in which environment, and what each says of a flag.

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

// manifest is what one file defines for one environment (Everywhere when its path and content name none).
type manifest struct {
	path, format string
	environment  Environment
	flags        map[string]*flag
	// complete: the provider or the repository's own reader serves these flags and no others.
	complete bool
}

// flag is one definition.
type flag struct {
	key  string
	line int
	// kind is the type of its values: "boolean", "number", "string", "object", "mixed", or empty where it is not written.
	kind string
	// variants are the names of its values with their texts; nil where the format has none.
	variants map[string]*document.Node
	// on: everybody is served true, or the variant that stands for it. off: nobody is.
	on, off bool
	// operational: a switch to stop something, not a release of something new.
	operational bool
	faults      []fault
	// shape is the definition without its key, to tell a renamed one.
	shape string
}

// fault is why a definition is invalid. certain: the provider refuses it.
type fault struct {
	line    int
	text    string
	certain bool
}

func (d *flag) wrong(line int, certain bool, format string, args ...any) {
	d.faults = append(d.faults, fault{line: line, certain: certain, text: fmt.Sprintf(format, args...)})
}

var (
	flagPath  = lazy.New(`(?i)(^|/|[_.-])(flags?|features?|toggles?|feature[-_]?flags?|flagd|flipt|unleash|goff|growthbook|launchdarkly|posthog|flagsmith|flipper)([/_.-]|$)`)
	byFeature = lazy.New(`(?i)(^|/)features?/`)
	flagEnd   = lazy.New(`(?i)\.(ya?ml|json|toml)$`)
	// operational are names and descriptions of switches that are on as long as all is well.
	operational = lazy.New(`(?i)kill[-_ ]?switch|\bops\b|[-_]ops[-_]|^ops[-_.]|circuit[-_ ]?breaker|maintenance|(^|[-_. ])(disable|block|pause|stop|legacy|fallback|throttle|emergency|force[-_]?old)|long[-_ ]lived|permanent`)
)

// flagWords are the words of definitions that a path alone does not give away.
var flagWords = []string{"defaultVariant", "defaultRule", "flagValues", "feature_states", "featureStrategies", "flagType", "FeatureManagement", "feature_management", "launchdarkly_feature_flag", "posthog_feature_flag", "waffle.flag", "waffle.switch"}

// candidate says whether a path may define flags; hinted are files that hold one of flagWords.
func candidate(p string, hinted map[string]bool) bool {
	if aside(p) || toolNames.MatchString(path.Base(p)) || strings.HasPrefix(p, ".github/") {
		return false
	}
	if strings.HasSuffix(p, ".tf") {
		return hinted[p]
	}
	return flagEnd.MatchString(p) && (ofFlags(p) || hinted[p])
}

// ofFlags says whether a path speaks of flags. A folder "features" alone does not: programs are cut by feature.
func ofFlags(p string) bool { return flagPath.MatchString(byFeature.ReplaceAllString(p, "/")) }

// manifests are the definitions among paths; given ones (from the policy) are taken as they are. learned are files that
// the repository's own reader of flags loads.
func manifests(paths, given []string, hinted, learned map[string]bool, read func(string) []byte) []*manifest {
	var list []*manifest
	for _, p := range paths {
		chosen := slices.Contains(given, p) || learned[p]
		if !chosen && (len(given) > 0 || !candidate(p, hinted)) {
			continue
		}
		found, _ := readManifests(p, read(p), chosen)
		list = append(list, found...)
	}
	return list
}

// readManifests reads one file; none when it defines no flags. chosen: it is known to define them, whatever its shape.
func readManifests(p string, text []byte, chosen bool) ([]*manifest, error) {
	if len(text) == 0 || bytes.IndexByte(text, 0) >= 0 {
		return nil, nil
	}
	if strings.HasSuffix(p, ".tf") {
		return terraformFlags(p, text), nil
	}
	docs, err := readDocuments(p, text)
	if err != nil {
		return nil, err
	}
	var list []*manifest
	for _, doc := range docs {
		for _, m := range manifestsOf(p, doc, chosen, 0) {
			if len(m.flags) == 0 {
				continue
			}
			m.path = p
			if m.environment == Everywhere && m.format != single {
				if place, ok := placeOf(p); ok {
					m.environment = place.environment
				}
			}
			list = append(list, m)
		}
	}
	return list, nil
}

// manifestsOf tells the format of a document by its shape.
func manifestsOf(p string, doc *document.Node, chosen bool, depth int) []*manifest {
	if doc == nil || depth > 2 {
		return nil
	}
	if doc.Text("kind") == "ConfigMap" {
		return embedded(doc.Get("data"), depth)
	}
	if spec := doc.Get("spec", "flagSpec"); spec != nil {
		doc = spec
	}
	for _, read := range []func(*document.Node) *manifest{flagdManifest, openFeatureManifest, launchDarklyManifest, fliptManifest,
		flagsmithManifest, growthBookManifest, posthogManifest, dotnetManifest, waffleManifest, goffManifest} {
		if m := read(doc); m != nil && len(m.flags) > 0 {
			return []*manifest{m}
		}
	}
	if list := unleashManifests(doc); len(list) > 0 {
		return list
	}
	if m := singleFlag(p, doc); m != nil {
		return []*manifest{m}
	}
	if chosen || ofFlags(p) {
		return plainManifests(doc, chosen)
	}
	return nil
}

// embedded are the definitions inside of a ConfigMap's files.
func embedded(data *document.Node, depth int) []*manifest {
	var list []*manifest
	if data == nil {
		return nil
	}
	for _, file := range data.Pairs {
		if file.Value.Kind != "string" || !flagEnd.MatchString(file.Key) {
			continue
		}
		docs, err := readDocuments(file.Key, []byte(file.Value.Value))
		if err != nil {
			continue
		}
		for _, doc := range docs {
			for _, m := range manifestsOf(file.Key, doc, false, depth+1) {
				for _, d := range m.flags {
					d.line += file.Line
					for i := range d.faults {
						d.faults[i].line += file.Line
					}
				}
				list = append(list, m)
			}
		}
	}
	return list
}

// newManifest collects the flags of an object's pairs; define fills in what the format says of each.
func newManifest(format string, complete bool, flags *document.Node, define func(*flag, *document.Node)) *manifest {
	m := &manifest{format: format, complete: complete, flags: map[string]*flag{}}
	for _, p := range flags.Pairs {
		if !strings.HasPrefix(p.Key, "$") {
			m.add(p.Key, p.Line, p.Value, define)
		}
	}
	return m
}

func (m *manifest) add(key string, line int, value *document.Node, define func(*flag, *document.Node)) {
	d := &flag{key: key, line: line, shape: shapeOf(value)}
	d.operational = operational.MatchString(key) || operational.MatchString(value.Text("description")) || operational.MatchString(value.Text("type"))
	define(d, value)
	if before := m.flags[key]; before != nil {
		d.wrong(line, false, "the flag %s is defined twice in this file (the other one on line %d), and only one of them counts", key, before.line)
	}
	m.flags[key] = d
}

// shapeOf is a definition's text in one line.
func shapeOf(n *document.Node) string {
	var b strings.Builder
	var write func(*document.Node)
	write = func(n *document.Node) {
		b.WriteString(n.Kind + "=" + n.Value)
		for _, p := range n.Pairs {
			b.WriteString("{" + p.Key + ":")
			write(p.Value)
		}
		for _, item := range n.Items {
			b.WriteString("[")
			write(item)
		}
		b.WriteString(";")
	}
	if n != nil {
		write(n)
	}
	return b.String()
}

// giveVariants takes the named values of a flag and their common type; on says which of them mean "on".
func (d *flag) giveVariants(values *document.Node) {
	if values == nil {
		return
	}
	d.variants = map[string]*document.Node{}
	for _, v := range values.Pairs {
		d.variants[v.Key] = v.Value
		d.giveKind(v.Value.Kind)
	}
}

func (d *flag) giveKind(kind string) {
	switch kind {
	case "list":
		kind = "object"
	case "alias", "null":
		return
	}
	if d.kind != "" && d.kind != kind {
		kind = "mixed"
	}
	d.kind = kind
}

// variantIsOn says whether a variant switches the flag on.
func (d *flag) variantIsOn(name string) (on, known bool) {
	v := d.variants[name]
	if v == nil || v.Kind != "boolean" {
		return false, false
	}
	return v.Value == "true", true
}

// serves notes that everybody is served a variant.
func (d *flag) serves(variant string) {
	on, known := d.variantIsOn(variant)
	d.on, d.off = known && on, known && !on
}

// names says whether a variant exists, and notes the fault when it does not.
func (d *flag) names(v *document.Node, what string) {
	if v == nil || v.Kind == "null" || v.Kind == "alias" || len(d.variants) == 0 || d.variants[v.Value] != nil {
		return
	}
	d.wrong(v.Line, true, "%s of the flag %s is the variant %s, which it does not have", what, d.key, clip(v.Value))
}

// clip keeps a text of the repository short.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// readable says whether a path is code that flags are looked for in.
func readable(p string) bool { return source.LanguageOf(p) != "" && !aside(p) }
