package targets_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// schema is that of astrago.yaml.
func schema(t *testing.T) (root any) {
	t.Helper()
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join("..", "..", "templates", "astrago.schema.json"))), &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// properties calls visit with every property of a JSON schema, by its name.
func properties(root any, visit func(name string, property map[string]any)) {
	switch node := root.(type) {
	case map[string]any:
		all, _ := node["properties"].(map[string]any)
		for name, property := range all {
			described, _ := property.(map[string]any)
			visit(name, described)
		}
		for child := range maps.Values(node) {
			properties(child, visit)
		}
	case []any:
		for _, child := range node {
			properties(child, visit)
		}
	}
}

// TestReadmeShowsEveryKey holds the examples against the schema: each key of astrago.yaml is in one of them, in its place.
func TestReadmeShowsEveryKey(t *testing.T) {
	t.Parallel()
	var examples []any
	for _, match := range block.FindAllStringSubmatch(guide(t, configurationPage), -1) {
		if match[1] != "yaml" {
			continue
		}
		var example any
		if err := yaml.Unmarshal([]byte(match[2]), &example); err != nil {
			t.Fatal(err)
		}
		examples = append(examples, example)
	}
	root, _ := schema(t).(map[string]any)
	s := shownKeys{t: t, refs: map[string][]any{}}
	s.walk("", root, examples)
	definitions, _ := root["$defs"].(map[string]any)
	for len(s.order) > 0 {
		name := s.order[0]
		s.order = s.order[1:]
		definition, _ := definitions[name].(map[string]any)
		s.walk(name+".", definition, s.refs[name])
	}
	if s.keys < 80 {
		t.Errorf("%d keys", s.keys)
	}
}

// shownKeys walks a schema beside the values that examples have in the same places. A definition that several places refer to is
// held against the values of all of them.
type shownKeys struct {
	t     *testing.T
	keys  int
	refs  map[string][]any
	order []string // definitions whose values are complete but not yet looked at
}

func (s *shownKeys) walk(place string, node map[string]any, values []any) {
	values = flattened(values)
	if ref, ok := node["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/$defs/")
		if _, ok := s.refs[name]; !ok {
			s.order = append(s.order, name)
		}
		s.refs[name] = append(s.refs[name], values...)
	}
	alternatives, _ := node["anyOf"].([]any)
	for _, alternative := range append(alternatives, node["items"]) {
		if alternative, ok := alternative.(map[string]any); ok && alternative["type"] != "array" {
			s.walk(place, alternative, values)
		}
	}
	all, _ := node["properties"].(map[string]any)
	for key, property := range all {
		s.keys++
		shown := under(values, key)
		if len(shown) == 0 {
			s.t.Errorf("no example has the key %s%s", place, key)
		}
		if place+key == "cache" { // a component's has the same keys
			shown = append(shown, under(under(under(values, "components"), ""), key)...)
		}
		described, _ := property.(map[string]any)
		s.walk(place+key+".", described, shown)
	}
	if each, ok := node["additionalProperties"].(map[string]any); ok {
		s.walk(place+"*.", each, under(values, ""))
	}
}

// flattened are the elements of lists in the place of the lists.
func flattened(values []any) (all []any) {
	for _, value := range values {
		if list, ok := value.([]any); ok {
			all = append(all, flattened(list)...)
			continue
		}
		all = append(all, value)
	}
	return all
}

// under are what mappings have below a key, or below any where it is empty.
func under(values []any, key string) (all []any) {
	for _, value := range values {
		mapping, _ := value.(map[string]any)
		for name, each := range mapping {
			if key == "" || name == key {
				all = append(all, each)
			}
		}
	}
	return all
}

// field is one that a template may use.
var field = regexp.MustCompile("`(\\.[A-Z][A-Za-z]+)`")

// TestTableOfTemplates holds the table of templates against the schema: no key is left out, and no field.
func TestTableOfTemplates(t *testing.T) {
	t.Parallel()
	want := map[string][]string{}
	properties(schema(t), func(key string, property map[string]any) {
		description, _ := property["description"].(string)
		if _, listed, ok := strings.Cut(description, "with the fields "); ok {
			want[key] = fields(listed)
		}
	})
	if len(want) < 3 {
		t.Errorf("the schema has the templates %q", want)
	}
	for _, page := range inBoth(configurationPage) {
		found := map[string][]string{}
		for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)`[^|]*\\|(.* `\\.Service`.*)\\|$").FindAllStringSubmatch(guide(t, page), -1) {
			found[row[1]] = fields(row[2])
		}
		if !maps.EqualFunc(found, want, slices.Equal) {
			t.Errorf("%s has the templates %q, want %q", page, found, want)
		}
	}
}

// fields are those that a text names.
func fields(text string) (names []string) {
	for _, match := range field.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// TestReadmesNameEveryVariableAndTarget keeps the tables complete in both languages.
func TestReadmesNameEveryVariableAndTarget(t *testing.T) {
	t.Parallel()
	for _, page := range inBoth(configurationPage) {
		text := guide(t, page)
		for _, variable := range vars.Table() {
			if !strings.Contains(text, "`"+string(variable.Name)) {
				t.Errorf("%s does not name %s", page, variable.Name)
			}
		}
		for _, flag := range regexp.MustCompile(`(?m)^  (-[A-Za-z]+)=`).FindAllStringSubmatch(readFile(t, filepath.Join("testdata", "targets.golden")), -1) {
			if !regexp.MustCompile("(?m)^\\| .*`" + flag[1] + "[`=].* \\| ").MatchString(text) {
				t.Errorf("%s has no row for the flag %s", page, flag[1])
			}
		}
	}
	for _, page := range inBoth(readmePage) {
		for target, flags := range targetFlags(t) {
			row := regexp.MustCompile("(?m)^\\| `" + target + "` \\|.*\\|(.*)\\|$").FindStringSubmatch(guide(t, page))
			if row == nil {
				t.Errorf("%s has no row for the target %s", page, target)
				continue
			}
			listed := strings.Fields(strings.Trim(row[1], " `"))
			slices.Sort(listed)
			if !slices.Equal(listed, flags) {
				t.Errorf("%s gives %s the flags %q, want %q", page, target, listed, flags)
			}
		}
	}
}

// targetFlags are the flags of each target, sorted, without those of the log, which nearly all of them have.
func targetFlags(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	target := ""
	for line := range strings.Lines(readFile(t, filepath.Join("testdata", "targets.golden"))) {
		if !strings.HasPrefix(line, " ") {
			target = strings.ToLower(strings.TrimSuffix(line, "\n"))
			all[target] = nil
			continue
		}
		name, _, ok := strings.Cut(strings.TrimPrefix(line, "  "), "=<")
		if ok && strings.HasPrefix(name, "-") && name != "-v" && name != "-vv" {
			all[target] = append(all[target], name)
		}
	}
	for _, flags := range all {
		slices.Sort(flags)
	}
	return all
}
