package rendercheck_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/rendercheck"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

var newTags = []string{"core-stage-00000000", "core-stage-a1b2c3d4", "batch-stage-00000000", "batch-stage-a1b2c3d4"}

// TestRenderers runs the real ones over the same chart.
func TestRenderers(t *testing.T) {
	for name, test := range map[string]struct {
		check config.Check
		path  string
	}{"helm": {byHelm(), "helm/values.yaml"}, "helmfile": {byHelmfile(), valuesPath}} {
		t.Run(name+"/named", func(t *testing.T) {
			w := newWorld(t)
			if err := w.check(w.edit(test.path, []string{"core", "batch"}, newTags...), test.check); err != nil {
				t.Error(err)
			}
		})
		t.Run(name+"/dead key", func(t *testing.T) {
			w := newWorld(t)
			err := w.check(w.edit(test.path, []string{"core", "batch"}, "dead: none", "dead: core-stage-a1b2c3d4", newTags[2], newTags[3]), test.check)
			w.refused(err, "1 of 2 new images would not run", "core: no workload has the image ghcr.io/acme/shop:core-stage-a1b2c3d4",
				"  Deployment/core\n      image: mirror.example.com/shop:core-stage-00000000\n      image: busybox:1.36",
				"  CronJob/batch\n  -   image: mirror.example.com/shop:batch-stage-00000000\n  +   image: mirror.example.com/shop:batch-stage-a1b2c3d4")
		})
		t.Run(name+"/does not render", func(t *testing.T) {
			w := newWorld(t)
			w.files["charts/shop/templates/check.yaml"] = w.files["charts/shop/templates/_check.yaml"]
			err := w.check(w.edit(test.path, []string{"core"}, newTags[0], "bad-tag"), test.check)
			w.refused(err, "they render as they are, but not with the new values", name+" template", "shop/templates/check.yaml:1:")
		})
		t.Run(name+"/was broken", func(t *testing.T) {
			w := newWorld(t)
			w.files["charts/shop/templates/core.yaml"] += "{{ .Values.absent.key }}"
			w.refused(w.check(w.edit(test.path, []string{"core"}, newTags...), test.check), "they do not render, with the new values or without", "templates/core.yaml", "nil pointer evaluating")
		})
	}
}

// TestCommand sees the edited tree and no more of the environment than it is given.
func TestCommand(t *testing.T) {
	w := newWorld(t)
	w.files["render.sh"] = `set -eu
[ -z "${DEPLOY_TOKEN:-}" ]
umask; ls -ld . >&2
printf 'kind: Rollout\nmetadata: {name: core}\nspec: {image: "ghcr.io/acme/shop:%s"}\n' "$(sed -n 's/.*imageTag: "\(core.*\)"/\1/p' helm/values.yaml)"
`
	check := config.Check{Command: "umask() { :; }; . ./render.sh"}
	t.Setenv("DEPLOY_TOKEN", "secret-of-the-release")
	if err := w.check(w.edit("helm/values.yaml", []string{"core"}, newTags...), check); err != nil {
		t.Error(err)
	}
	if err := w.check(w.edit("helm/values.yaml", []string{"batch"}, newTags...), check); err == nil || !strings.Contains(err.Error(), "Rollout/core") {
		t.Errorf("a workload is missing: %v", err)
	}
	if err := w.check(w.edit("helm/values.yaml", []string{"core"}, newTags...), config.Check{Command: "echo '{'"}); err == nil || !strings.Contains(err.Error(), "is not valid YAML") {
		t.Errorf("no YAML: %v", err)
	}
}

// TestImagesInParts has the forms that charts and custom resources use.
func TestImagesInParts(t *testing.T) {
	w := newWorld(t)
	e := w.edit("helm/values.yaml", []string{"core", "batch"}, newTags...)
	rendered := func(core, batch string) error {
		return w.check(e, config.Check{Command: "cat <<'.'\n# Source: shop/templates/a.yaml\nkind: Shop\nmetadata: {name: shop}\nspec:\n  core: {" + core + "}\n  batch: {" + batch + "}\n.\n"})
	}
	for _, core := range []string{
		"image: {repository: ghcr.io/acme/shop, tag: core-stage-a1b2c3d4}",
		"image: {registry: ghcr.io, repository: acme/shop, tag: core-stage-a1b2c3d4, pullPolicy: Always}",
		"serverImage: {name: ghcr.io/acme/shop, tag: core-stage-a1b2c3d4}",
	} {
		if err := rendered(core, "image: 'ghcr.io/acme/shop:batch-stage-a1b2c3d4'"); err != nil {
			t.Errorf("%s: %v", core, err)
		}
	}
	w.refused(rendered("image: {registry: ghcr.io, repository: acme/shop, tag: core-stage-00000000}", "settings: {repository: acme/shop, tag: batch-stage-a1b2c3d4}"),
		"2 of 2 new images would not run", "Shop/shop", "image: ghcr.io/acme/shop:core-stage-00000000")
}

// TestWhatDoesNotRenderIsNamed although every value in it is masked.
func TestWhatDoesNotRenderIsNamed(t *testing.T) {
	w := newWorld(t)
	w.files["helmfile/helmfile.yaml.gotmpl"] = strings.Replace(w.files["helmfile/helmfile.yaml.gotmpl"], "name: shop", "name: storefront", 1)
	w.files["fail.sh"] = "echo 'failed processing release storefront: password " + password + "' >&2; exit 1\n"
	e := w.edit("helm/values.yaml", []string{"core"}, newTags...)
	w.refused(w.check(e, config.Check{Command: ". ./fail.sh"}),
		"failed processing release storefront")
	if err := w.check(e, config.Check{Command: "printf '%s\\n' --- 'a: b' --- '# Source: shop/templates/core.yaml' 'a: b: c'"}); err == nil ||
		!strings.Contains(err.Error(), "manifest 2, of shop/templates/core.yaml, is not valid YAML") {
		t.Errorf("no YAML: %v", err)
	}
	w.files["charts/shop/templates/core.yaml"] += "{{ .Values.absent.key }}"
	w.refused(w.check(w.edit("helm/values.yaml", []string{"core"}, newTags...), byHelm()), "helm template of charts/shop as release shop", "shop/templates/core.yaml:12:10")
}

// TestSeveralChecksAddUp renders a chart each.
func TestSeveralChecksAddUp(t *testing.T) {
	w := newWorld(t)
	core := config.Check{Command: `printf 'kind: Pod\nmetadata: {name: core}\nspec: {containers: [{image: "ghcr.io/acme/shop:core-stage-a1b2c3d4"}]}\n'`}
	batch := config.Check{Command: `printf 'kind: List\nitems: [{kind: Pod, metadata: {name: batch}, spec: {image: "ghcr.io/acme/shop:batch-stage-a1b2c3d4"}}]\n'`}
	e := w.edit("helm/values.yaml", []string{"core", "batch"}, newTags...)
	if err := w.check(e, core, batch); err != nil {
		t.Error(err)
	}
	w.refused(w.check(e, core), "batch: no workload has the image")
}

// TestATagOfSeveralComponentsNeedsTheirRepositories finds a component that another one's tag would hide.
func TestATagOfSeveralComponentsNeedsTheirRepositories(t *testing.T) {
	w := newWorld(t)
	e := w.edit("helm/values.yaml", nil, newTags...)
	e.Images = []rendercheck.Image{{Component: "core", Ref: refs.Image("ghcr.io/acme/core:a1b2c3d4")}, {Component: "batch", Ref: refs.Image("ghcr.io/acme/batch:a1b2c3d4")}}
	check := func(images ...string) error {
		return w.check(e, config.Check{Command: "printf 'kind: Pod\\nmetadata: {name: a}\\nspec: [{image: " + strings.Join(images, "}, {image: ") + "}]\\n'"})
	}
	if err := check("ghcr.io/acme/core:a1b2c3d4", "ghcr.io/acme/batch:a1b2c3d4"); err != nil {
		t.Error(err)
	}
	w.refused(check("ghcr.io/acme/core:a1b2c3d4"), "batch: no workload")
}

func TestACancelledCheckEndsItsCommand(t *testing.T) {
	w := newWorld(t)
	reason := errors.New("the job was cancelled")
	ctx, cancel := context.WithCancelCause(t.Context())
	checker := rendercheck.New(rendercheck.Options{Environ: w.environ, Say: func(string, ...any) {}})
	pipe := filepath.Join(t.TempDir(), "alive")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	held := make(chan error, 1)
	go func() { // the pipe is open for as long as a program of the command is alive
		reader, err := os.Open(pipe)
		if err == nil {
			_, err = reader.Read(make([]byte, 1))
			cancel(reason)
		}
		if err == nil {
			_, err = io.ReadAll(reader)
		}
		held <- err
	}()
	command := fmt.Sprintf("{ sleep 600 & echo; wait; } > %q", pipe)
	_, err := checker.Check(ctx, []config.Check{{Command: command}}, w.edit("helm/values.yaml", []string{"core"}, newTags...))
	if !errors.Is(err, reason) {
		t.Errorf("error %v", err)
	}
	select {
	case err := <-held:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("a program outlived the cancellation")
	}
}
