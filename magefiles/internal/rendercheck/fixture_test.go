package rendercheck_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/rendercheck"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const (
	valuesPath = "helmfile/environments/customers/acme/values.yaml"
	password   = "hunter2-of-the-database"
)

// files are a deployment repository that deploys a chart of three workloads: by helm with the values below helm/, and by
// helmfile as a plugin of Argo CD does, with a base and a customer's values.
func files() map[string]string {
	return map[string]string{
		"charts/shop/Chart.yaml":  "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
		"charts/shop/values.yaml": "core: {}\nbatch: {}\ndatabase: { password: none-yet }\n",
		"charts/shop/templates/core.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: { name: core }
spec:
  template:
    spec:
      initContainers: [{ name: migrate, image: busybox:1.36 }]
      containers:
        - name: core
          image: "{{ .Values.core.repository }}:{{ .Values.core.imageTag }}"
          env: [{ name: PASSWORD, value: {{ .Values.database.password | quote }} }]
`,
		"charts/shop/templates/batch.yaml": `apiVersion: batch/v1
kind: CronJob
metadata: { name: batch }
spec:
  jobTemplate: { spec: { template: { spec: { containers: [{ name: batch, image: "{{ .Values.batch.repository }}:{{ .Values.batch.imageTag }}" }] } } } }
---
apiVersion: v1
kind: Secret
metadata: { name: database }
stringData: { password: {{ .Values.database.password | quote }}, image: "registry.example.com/{{ .Values.dead | default "none" }}" }
`,
		"charts/shop/templates/_check.yaml": `{{- if hasPrefix "bad" .Values.core.imageTag }}{{ fail (printf "the tag is bad, and the password is %s" .Values.database.password) }}{{ end }}`,
		"helm/values.yaml":                  values,
		"helmfile/helmfile.yaml.gotmpl": `environments:
  default:
    values: [environments/base/values.yaml]
  acme:
    values: [environments/base/values.yaml, environments/customers/acme/values.yaml]
---
releases:
  - name: shop
    namespace: shop
    chart: ../charts/shop
    values: [values/shop.yaml.gotmpl]
`,
		"helmfile/values/shop.yaml.gotmpl":       "core: {{ .Values.core | toYaml | nindent 2 }}\nbatch: {{ .Values.batch | toYaml | nindent 2 }}\ndatabase: {{ .Values.database | toYaml | nindent 2 }}\n",
		"helmfile/environments/base/values.yaml": "core: { repository: mirror.example.com/shop, imageTag: base }\nbatch: { repository: mirror.example.com/shop, imageTag: base }\ndatabase: { password: none-yet }\n",
		valuesPath:                               values,
	}
}

const values = `# a customer's
core:
  imageTag: "core-stage-00000000"
  repository: mirror.example.com/shop
batch:
  imageTag: "batch-stage-00000000"
  repository: mirror.example.com/shop
dead: none
database:
  password: ` + password + `
`

// world is a deployment repository with the checks of one branch.
type world struct {
	*testing.T
	files   map[string]string
	environ []string
	temp    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, files: files(), temp: t.TempDir()}
	t.Setenv("TMPDIR", w.temp)
	w.environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir()}
	return w
}

// archive returns git's archive of the files, below one directory as GitHub's.
func (w *world) archive() []byte {
	w.Helper()
	dir := w.TempDir()
	for _, path := range slices.Sorted(maps.Keys(w.files)) {
		target := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			w.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(w.files[path]), 0o644); err != nil {
			w.Fatal(err)
		}
	}
	w.git(dir, "init", "-q")
	w.git(dir, "add", "--all")
	return w.git(dir, "archive", "--format=tar.gz", "--prefix=acme-deployment-0a1b2c3/", w.treeOf(dir))
}

func (w *world) treeOf(dir string) string { return strings.TrimSpace(string(w.git(dir, "write-tree"))) }

func (w *world) git(dir string, args ...string) []byte {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), "git", append([]string{"-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.Output()
	if err != nil {
		w.Fatalf("git %s: %v", args[0], err)
	}
	return out
}

// edit replaces words of a file, as a bump that sets the tags of the components.
func (w *world) edit(path string, components []string, pairs ...string) rendercheck.Edit {
	w.Helper()
	after := strings.NewReplacer(pairs...).Replace(w.files[path])
	if after == w.files[path] {
		w.Fatal("the edit changes nothing")
	}
	e := rendercheck.Edit{
		Place: "acme/deployment@main", Archive: w.archive(),
		Mirrors: map[string]string{"ghcr.io/acme": "mirror.example.com"},
		Files:   []rendercheck.File{{Path: path, Before: []byte(w.files[path]), After: []byte(after)}},
	}
	for _, name := range components {
		e.Images = append(e.Images, rendercheck.Image{Component: component.Name(name), Ref: refs.Image("ghcr.io/acme/shop:" + name + "-stage-a1b2c3d4")})
	}
	return e
}

func (w *world) check(e rendercheck.Edit, checks ...config.Check) error {
	w.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		w.Fatal(err)
	}
	checker := rendercheck.New(rendercheck.Options{
		ToolsDir: func(context.Context) (string, error) { return filepath.Abs("../../../scripts/tools") },
		BinDir:   filepath.Join(cache, "astrago-ci", "bin"), Environ: w.environ,
		Say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	})
	_, err = checker.Check(w.Context(), checks, e)
	if left, readErr := os.ReadDir(w.temp); readErr != nil || len(left) != 0 {
		w.Errorf("the check leaves %v, %v", left, readErr)
	}
	if err != nil && strings.Contains(err.Error(), password) {
		w.Errorf("the error tells the password:\n%v", err)
	}
	return err
}

// refused wants exit code 3 and words, and none of the lines that name no image.
func (w *world) refused(err error, words ...string) {
	w.Helper()
	if p := problem.As(err); p == nil || p.ExitStatus() != problem.Refused {
		w.Fatalf("error %v", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			w.Errorf("the error does not say %q:\n%v", word, err)
		}
	}
	for _, word := range []string{"PASSWORD", "stringData", "none-yet"} {
		if strings.Contains(err.Error(), word) {
			w.Errorf("the error says %q:\n%v", word, err)
		}
	}
}

func byHelm() config.Check {
	return config.Check{Helm: &config.Helm{Chart: "charts/shop", Values: []string{"helm/values.yaml"}, Release: "shop", Namespace: "shop"}}
}

func byHelmfile() config.Check {
	return config.Check{Helmfile: &config.Helmfile{File: "helmfile/helmfile.yaml.gotmpl", Environment: "acme"}}
}
