package internal_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// workflowFile holds the fields that these tests read of a workflow or an action.
type workflowFile struct {
	On struct {
		Call struct{ Inputs, Secrets map[string]any } `yaml:"workflow_call"`
	}
	Permissions map[string]string
	Jobs        map[string]workflowJob
	Runs        struct{ Steps []workflowStep }
}

type workflowJob struct {
	Uses          string
	If            string
	Needs         any
	Environment   any
	Permissions   map[string]string
	With, Secrets map[string]string
	Steps         []workflowStep
}

type workflowStep struct{ Uses, Run string }

var repositoryWorkflows = []string{".github/workflows/*.yml", ".github/actions/*/action.yml", "templates/*/.github/workflows/*.yml"}

// readWorkflows reads files of this repository, by their slash-separated paths.
func readWorkflows(t *testing.T, patterns ...string) map[string]workflowFile {
	t.Helper()
	root, found := filepath.Join("..", ".."), map[string]workflowFile{}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %q, %v", pattern, paths, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var file workflowFile
			if err := yaml.Unmarshal(data, &file); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			found[filepath.ToSlash(name)] = file
		}
	}
	return found
}

// TestAttackInputsOfWorkflows reads every step: an expression in a script would be read by the shell as part of it, whatever a person
// has entered, or a branch is called.
func TestAttackInputsOfWorkflows(t *testing.T) {
	scripts := 0
	for path, file := range readWorkflows(t, repositoryWorkflows...) {
		steps := slices.Clone(file.Runs.Steps)
		for _, job := range file.Jobs {
			steps = append(steps, job.Steps...)
		}
		for _, step := range steps {
			if step.Run != "" {
				scripts++
			}
			if strings.Contains(step.Run, "${{") {
				t.Errorf("%s: a script has an expression in it: hand it over as a variable\n%s", path, step.Run)
			}
		}
	}
	if scripts < 15 {
		t.Errorf("%d scripts were read", scripts)
	}
}

// TestCallersGrantWhatIsAsked: GitHub does not start a called workflow of which any job, also one that would not run, asks for more
// than the calling job grants; and a secret that is not handed over is none, nor can an environment have one of its own then.
func TestCallersGrantWhatIsAsked(t *testing.T) {
	calls := 0
	for path, caller := range readWorkflows(t, "templates/*/.github/workflows/*.yml") {
		for _, job := range caller.Jobs {
			name, _, ok := strings.Cut(strings.TrimPrefix(job.Uses, "xiilab/astrago-ci/"), "@")
			if !ok {
				continue
			}
			calls++
			called := readWorkflows(t, name)[name]
			for asking, each := range called.Jobs {
				for scope, level := range each.Permissions {
					if granted := job.Permissions[scope]; granted != level && granted != "write" {
						t.Errorf("%s grants %s: %q, and the job %s of %s asks for %s", path, scope, granted, asking, name, level)
					}
				}
			}
			for secret := range called.On.Call.Secrets {
				if want := "${{ secrets." + secret + " }}"; job.Secrets[secret] != want {
					t.Errorf("%s hands over %s as %q", path, secret, job.Secrets[secret])
				}
			}
			for input := range job.With {
				if _, known := called.On.Call.Inputs[input]; !known {
					t.Errorf("%s sets %s, which is no input of %s", path, input, name)
				}
			}
		}
	}
	if calls < 3 {
		t.Errorf("%d calls were read", calls)
	}
}

// TestOnlyWhatDeploysHasWhatTheCallerGrants: an identity of the workflow is for the job that deploys, which runs nothing of the application.
// A called job without permissions has the caller's (what it asks for can only be less), so that no caller has to grant an identity.
func TestOnlyWhatDeploysHasWhatTheCallerGrants(t *testing.T) {
	for path, deploys := range map[string]string{".github/workflows/release.yml": "deploy", ".github/workflows/operate.yml": "apply"} {
		file := readWorkflows(t, path)[path]
		if file.Permissions != nil {
			t.Errorf("%s takes from all jobs what they do not ask for themselves: %v", path, file.Permissions)
		}
		for name, job := range file.Jobs {
			if inherits := job.Permissions == nil; inherits != (name == deploys) {
				t.Errorf("%s: %s has the permissions %v", path, name, job.Permissions)
			}
			if _, asked := job.Permissions["id-token"]; asked {
				t.Errorf("%s: %s asks for an identity, which every caller would have to grant", path, name)
			}
			for _, step := range job.Steps {
				if job.Permissions == nil && (strings.Contains(step.Run, "mage build") || strings.Contains(step.Run, "mage push")) {
					t.Errorf("%s: %s runs what the application has written: %s", path, name, step.Run)
				}
			}
		}
	}
	granted := map[string]string{"contents": "read", "packages": "write", "deployments": "write", "statuses": "write"}
	for path, caller := range readWorkflows(t, "templates/*/.github/workflows/*.yml") {
		for name, job := range caller.Jobs {
			if strings.HasPrefix(job.Uses, "xiilab/astrago-ci/") && !maps.Equal(job.Permissions, granted) {
				t.Errorf("%s: %s grants %v, want %v", path, name, job.Permissions, granted)
			}
		}
	}
}

// TestPreviewHasNoTokenThatWrites: what runs before anybody has approved it can only read, and what writes waits for the environment.
func TestPreviewHasNoTokenThatWrites(t *testing.T) {
	const path = ".github/workflows/operate.yml"
	jobs := readWorkflows(t, path)[path].Jobs
	preview, apply := jobs["preview"], jobs["apply"]
	if len(jobs) != 2 || preview.Environment != nil || len(preview.Permissions) != 2 {
		t.Fatalf("the jobs are %v", slices.Collect(maps.Keys(jobs)))
	}
	for scope, level := range preview.Permissions {
		if level != "read" {
			t.Errorf("the preview may %s: %s", scope, level)
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n  preview:\n")
	before, after, _ := strings.Cut(rest, "\n  apply:\n")
	named := regexp.MustCompile(`secrets\.(\w+)`)
	for _, match := range named.FindAllStringSubmatch(before, -1) {
		if match[1] != "CI_TOKEN" && match[1] != "READ_REGISTRIES" && !strings.HasSuffix(match[1], "_READ_TOKEN") {
			t.Errorf("the preview has %s", match[1])
		}
	}
	for _, match := range named.FindAllStringSubmatch(after, -1) {
		if strings.Contains(match[1], "READ_") {
			t.Errorf("what writes has %s", match[1])
		}
	}
	if apply.Needs != "preview" || apply.Environment != "${{ inputs.github-environment || inputs.environment }}" || !strings.Contains(apply.If, "needs.preview.result == 'success'") {
		t.Errorf("it runs after %v, in %v, if %s", apply.Needs, apply.Environment, apply.If)
	}
}
