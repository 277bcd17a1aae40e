package targets_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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

// TestReadmeShowsEveryKey holds the examples against the schema: each key of astrago.yaml is in one of them.
func TestReadmeShowsEveryKey(t *testing.T) {
	t.Parallel()
	var examples strings.Builder
	for _, match := range block.FindAllStringSubmatch(guide(t, configurationPage), -1) {
		if match[1] == "yaml" {
			examples.WriteString(comment.ReplaceAllString(match[2], "") + "\n")
		}
	}
	keys := 0
	properties(schema(t), func(key string, _ map[string]any) {
		keys++
		if !regexp.MustCompile(`(?m)(^|[ {])` + key + `:`).MatchString(examples.String()) {
			t.Errorf("no example has the key %q", key)
		}
	})
	if keys < 50 {
		t.Errorf("%d keys", keys)
	}
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
