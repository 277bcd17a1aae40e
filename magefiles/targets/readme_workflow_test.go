package targets_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	astragoci "github.com/xiilab/astrago-ci"
)

// callable is what a reusable workflow or an action has to be called with.
type callable struct {
	On struct {
		Call struct {
			Inputs  map[string]struct{ Default any }
			Outputs map[string]any
			Secrets map[string]any
		} `yaml:"workflow_call"`
	}
	Inputs  map[string]struct{ Default any }
	Outputs map[string]any
}

// ofGitHub reads a file below .github.
func ofGitHub(t *testing.T, path ...string) (c callable) {
	t.Helper()
	file := filepath.Join(append([]string{"..", "..", ".github"}, path...)...)
	if err := yaml.Unmarshal([]byte(readFile(t, file)), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWorkflowPageNamesEverything holds the tables of inputs, outputs and secrets against the called workflow and the action.
func TestWorkflowPageNamesEverything(t *testing.T) {
	t.Parallel()
	called, action := ofGitHub(t, "workflows", "release.yml").On.Call, ofGitHub(t, "actions", "setup", "action.yml")
	if len(called.Inputs) < 10 || len(called.Outputs) < 6 || len(called.Secrets) < 5 || len(action.Inputs) < 7 {
		t.Fatalf("the workflow is %+v, the action %+v", called, action)
	}
	for _, page := range inBoth(workflowPage) {
		text := guide(t, page)
		row := func(name string) string {
			return regexp.MustCompile("(?m)^\\| `" + name + "` \\|.*$").FindString(text)
		}
		for name, input := range called.Inputs {
			if set := fmt.Sprint(input.Default); row(name) == "" || set != "" && !strings.HasSuffix(row(name), "| `"+set+"` |") {
				t.Errorf("%s has no row for the input %s with its default %q: %s", page, name, set, row(name))
			}
		}
		for name := range called.Outputs {
			if row(name) == "" {
				t.Errorf("%s has no row for the output %s", page, name)
			}
		}
		for name := range called.Secrets {
			if row(name) == "" {
				t.Errorf("%s has no row for the secret %s", page, name)
			}
		}
		for name := range action.Inputs {
			if !strings.Contains(text, "`"+name+"`") {
				t.Errorf("%s does not name the input %s of the action", page, name)
			}
		}
		for name := range action.Outputs {
			if !strings.Contains(text, "`"+name+"`") {
				t.Errorf("%s does not name the output %s of the action", page, name)
			}
		}
	}
}

// TestOperatePageNamesEverything holds the section of the workflow by which people operate against the called workflow, and what the
// actions take against the script.
func TestOperatePageNamesEverything(t *testing.T) {
	t.Parallel()
	called := ofGitHub(t, "workflows", "operate.yml").On.Call
	if len(called.Inputs) < 10 || len(called.Secrets) < 8 {
		t.Fatalf("the workflow is %+v", called)
	}
	for page, heading := range map[string]string{workflowPage: "\n## The operate workflow\n", "docs/workflow.ko.md": "\n## 운영 워크플로\n"} {
		_, section, _ := strings.Cut(guide(t, page), heading)
		section, _, _ = strings.Cut(section, "\n## ")
		for name, input := range called.Inputs {
			row := regexp.MustCompile("(?m)^\\| `" + name + "` \\|.*$").FindString(section)
			if set := fmt.Sprint(input.Default); row == "" || set != "" && !strings.HasSuffix(row, "| `"+set+"` |") {
				t.Errorf("%s has no row for the input %s with its default %q: %s", page, name, set, row)
			}
		}
		for name := range called.Secrets {
			if !regexp.MustCompile("(?m)^\\| .*`" + name + "`.* \\|.*$").MatchString(section) {
				t.Errorf("%s has no row for the secret %s", page, name)
			}
		}
	}
}

// TestTemplatesCallThisVersion holds the callers against VERSION: a tag that is not there yet stops every workflow.
func TestTemplatesCallThisVersion(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"backend", "frontend"} {
		text := readFile(t, filepath.Join("..", "..", "templates", kind, ".github", "workflows", "release.yml"))
		if want := "uses: xiilab/astrago-ci/.github/workflows/release.yml@v" + astragoci.Version() + " "; !strings.Contains(text, want) {
			t.Errorf("the workflow of a %s does not say %q", kind, want)
		}
	}
	operate := readFile(t, filepath.Join("..", "..", "templates", "generic", ".github", "workflows", "operate.yml"))
	if want := "uses: xiilab/astrago-ci/.github/workflows/operate.yml@v" + astragoci.Version() + " "; !strings.Contains(operate, want) {
		t.Errorf("the workflow by which people operate does not say %q", want)
	}
}

// doing is what the steps of the called workflow do for a release.
var doing = regexp.MustCompile(`(?m)^ +(?:- )?((?:uses: |run: mage release).*)$`)

// TestTemplatesHandOverEverySecret lets no kind of caller do less than another.
func TestTemplatesHandOverEverySecret(t *testing.T) {
	t.Parallel()
	template := func(kind string) string {
		return readFile(t, filepath.Join("..", "..", "templates", kind, ".github", "workflows", "release.yml"))
	}
	var first string
	for _, kind := range []string{"backend", "frontend", "generic"} {
		text := template(kind)
		for name := range ofGitHub(t, "workflows", "release.yml").On.Call.Secrets {
			if !strings.Contains(text, "${{ secrets."+name+" ") {
				t.Errorf("the workflow of a %s does not hand over %s", kind, name)
			}
		}
		_, triggers, _ := strings.Cut(text, "\non:\n")
		triggers, _, _ = strings.Cut(triggers, "\njobs:\n")
		if first == "" {
			first = triggers
		}
		if triggers != first {
			t.Errorf("the workflow of a %s is started otherwise:\n%s", kind, triggers)
		}
	}
	for _, step := range doing.FindAllStringSubmatch(guide(t, filepath.Join(".github", "workflows", "release.yml")), -1) {
		if step := strings.Replace(step[1], "./.astrago/setup", "./ci/.github/actions/setup", 1); !strings.Contains(template("generic"), step+"\n") {
			t.Errorf("the workflow with steps of its own lacks %q", step)
		}
	}
}
