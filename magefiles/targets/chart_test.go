package targets_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/tool"
)

// charted gives the deployment repository a chart that takes the frontend's image from path, and the frontend a check.
func charted(t *testing.T, path string) *application {
	t.Helper()
	a := newWorld(t).application("frontend")
	a.chart(path)
	a.replace("astrago.yaml", "      branch: ", "      check: { helm: { chart: chart, values: "+example.ValuesPath+" } }\n      branch: ")
	a.commit("check the chart")
	a.env = append(a.env, "PATH="+helm(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	return a
}

// helm returns a directory with the real one, compiled once for all tests of this user.
func helm(t *testing.T) string {
	t.Helper()
	path, err := tool.Build(t.Context(), "helm", "helm.sh/helm/v4/cmd/helm", "-ldflags=-s -w")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(path, filepath.Join(dir, "helm")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// chart commits a chart with one workload, as its maintainer would.
func (a *application) chart(path string) {
	a.t.Helper()
	_, err := a.github.Commit(a.t.Context(), example.Deployment, example.Branch, "chart", map[string][]byte{
		"chart/Chart.yaml": []byte("apiVersion: v2\nname: shop\nversion: 0.1.0\n"),
		"chart/templates/frontend.yaml": []byte("apiVersion: v1\nkind: Pod\nmetadata: { name: frontend }\nspec:\n  containers:\n" +
			"    - { name: frontend, image: \"" + a.registry.Addr() + "/" + example.Owner + "/frontend:{{ " + path + " }}\" }\n"),
	})
	a.must(err)
}

// TestAnotherRegistryIsAnotherImage refuses a chart that takes the tag from another registry, unless that mirrors ours.
func TestAnotherRegistryIsAnotherImage(t *testing.T) {
	t.Parallel()
	a := charted(t, livePath)
	template := "apiVersion: v1\nkind: Pod\nmetadata: { name: frontend }\nspec: { containers: [{ name: frontend, image: 'docker.io/acme/frontend:{{ " + livePath + " }}' }] }\n"
	a.put(map[string]string{"chart/templates/frontend.yaml": template})
	for _, args := range [][]string{{"release", "-dryRun"}, {"release"}} {
		a.refuse(3, []string{"from another repository", "pushed    " + a.registry.Addr() + "/acme/frontend", "rendered  docker.io/acme/frontend", "mirrors: {"}, args...)
	}
	if got := a.log(); len(got) != 3 {
		t.Errorf("history %q", got)
	}
	a.replace("astrago.yaml", "    deploy:", "    mirrors: { '"+a.registry.Addr()+"': docker.io }\n    deploy:")
	a.commit("the registry is mirrored")
	a.succeed("release", "-env=stage")
}

const (
	livePath = ".Values.shop.frontend.imageTag"
	deadPath = ".Values.moved | default `old`"
)

// TestAKeyThatNoTemplateReadsIsRefused finds it in a dry run, and before anything is built.
func TestAKeyThatNoTemplateReadsIsRefused(t *testing.T) {
	t.Parallel()
	a := charted(t, deadPath)
	before := a.log()
	for _, args := range [][]string{{"release", "-dryRun"}, {"release"}} {
		a.refuse(3, []string{"frontend: no workload has the image", "frontend-stage-" + a.shortSHA(), "Pod/frontend", "/frontend:old", "nothing was committed"}, args...)
	}
	if got := a.log(); !slices.Equal(got, before) || a.pushed("frontend") {
		t.Errorf("history %q, pushed: %t", got, a.pushed("frontend"))
	}
	a.chart(livePath)
	result := a.succeed("release")
	if !strings.Contains(result.stderr, "charts") || !strings.Contains(a.values(), "frontend-stage-"+a.shortSHA()) {
		t.Errorf("output\n%s", result.stderr)
	}
	if n := a.github.Count("GET codeload"); n != 3 {
		t.Errorf("%d downloads, want one for each command", n)
	}
}

// TestAHeadThatMovesIsRenderedAnew lets somebody break the chart between the check and the commit.
func TestAHeadThatMovesIsRenderedAnew(t *testing.T) {
	t.Parallel()
	a := charted(t, livePath)
	a.github.Intercept(github.On(mutation, 1, github.Action{Before: func() { a.chart(deadPath) }}))
	a.refuse(3, []string{"looking again", "frontend: no workload has the image"}, "release")
	if got := a.log(); got[0] != "chart" {
		t.Errorf("history %q", got)
	}
}

// TestGoingBackToWhatRendersNoMore is refused before the commit; a person may insist.
func TestGoingBackToWhatRendersNoMore(t *testing.T) {
	t.Parallel()
	a := charted(t, livePath)
	first := a.next("first")
	a.next("second")
	downloads := a.github.Count("GET codeload")
	a.succeed("rollback", "-env=stage", "-dryRun").says(t, "charts")
	a.chart(deadPath)
	before := a.log()
	for _, flags := range [][]string{{"-dryRun"}, nil} {
		a.refuse(3, []string{"frontend: no workload has the image", stageTag(first), "roll back without this check: add -force"}, append([]string{"rollback", "-env=stage"}, flags...)...)
	}
	if got := a.log(); !slices.Equal(got, before) {
		t.Errorf("history %q", got)
	}
	if got := a.github.Count("GET codeload") - downloads; got != 3 {
		t.Errorf("%d downloads, want one for each command", got)
	}
	a.succeed("rollback", "-env=stage", "-force", "-reason=x").says(t, "not checked")
	a.wantTags(example.ValuesPath, stageTag(first))
	a.wantMessage("rollback(stage): frontend to "+first+" (forced)", "Astrago-Forced: charts")
}

// TestPromotionToAChartThatReadsNoSuchKey is refused before a tag is put, and -force does not help.
func TestPromotionToAChartThatReadsNoSuchKey(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.chart(deadPath)
	sha := a.next("first")
	data := readFile(t, a.dir+"/astrago.yaml")
	at := strings.LastIndex(data, "      file:")
	a.write("astrago.yaml", data[:at]+"      check: { helm: { chart: chart, values: "+prodPath+" } }\n"+data[at:])
	a.env = append(a.env, "PATH="+helm(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	before, manifests := a.log(), a.registry.Count(http.MethodPut, registry.Manifest)
	a.refuse(3, []string{"no workload has the image", "frontend-prod-" + sha}, "promote", "-env=prod")
	a.refuse(3, []string{"no workload has the image"}, "promote", "-env=prod", "-force")
	if got := a.log(); !slices.Equal(got, before) || a.registry.Count(http.MethodPut, registry.Manifest) != manifests {
		t.Errorf("something was done, history %q", got)
	}
	a.chart(livePath)
	a.succeed("promote", "-env=prod").says(t, "charts", "promoted from stage to prod")
}

// TestRenderersSeeNoToken lets one look for them.
func TestRenderersSeeNoToken(t *testing.T) {
	t.Parallel()
	a := charted(t, livePath)
	a.replace("astrago.yaml", "check: { helm: { chart: chart, values: "+example.ValuesPath+" } }",
		`check: { command: 'env | grep "TOKEN=\|NOTIFY" >&2 && exit 9; test "$MINE" = kept && test -z "${OTHER-}" && helm template x chart --values `+example.ValuesPath+`', env: MINE }`)
	a.commit("check with a command")
	a.env = append(a.env, "GITHUB_TOKEN=hidden", "ARGOCD_AUTH_TOKEN=hidden", "ASTRAGO_NOTIFY_URLS_OPS=hidden", "MINE=kept", "OTHER=kept")
	a.succeed("release", "-dryRun").says(t, "charts")
}
