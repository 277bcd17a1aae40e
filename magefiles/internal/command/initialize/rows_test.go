package initialize

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

func names(rows []console.Row) (all []string) {
	for _, row := range rows {
		all = append(all, row.Name)
	}
	return all
}

// TestEveryActionOnAFileHasItsWords.
func TestEveryActionOnAFileHasItsWords(t *testing.T) {
	for _, action := range []scaffold.Action{scaffold.Create, scaffold.Change, scaffold.Replace, scaffold.Keep, scaffold.Nothing} {
		rows := fileRows([]scaffold.File{{Path: "x", Action: action}})
		if len(rows) != 1 || rows[0].Name != "x" || rows[0].Text == "" {
			t.Errorf("action %v: %+v", action, rows)
		}
	}
}

// TestNextStepsBeginWithWhatIsUnfilled, and have nothing of it where the file is another's.
func TestNextStepsBeginWithWhatIsUnfilled(t *testing.T) {
	layout := scaffold.Layout{Submodule: "ci", ImageFound: "release.yml"}
	unfilled := scaffold.File{Path: config.FileName, Action: scaffold.Create, Content: "version: 1\nservice: shop\n"}
	if got := names(nextRows(layout, []scaffold.File{unfilled}, Options{})); !strings.HasPrefix(got[0], "edit "+config.FileName) {
		t.Errorf("unfilled: %q", got)
	}
	unfilled.Action = scaffold.Keep
	if got := names(nextRows(layout, []scaffold.File{unfilled}, Options{})); got[0] != "./ci/scripts/mage plan" {
		t.Errorf("kept: %q", got)
	}
	layout.ImageFound = ""
	if got := names(nextRows(layout, nil, Options{})); got[0] != "look at "+config.FileName {
		t.Errorf("a guessed image: %q", got)
	}
	if got := names(nextRows(layout, nil, Options{DryRun: true})); !slices.Equal(got, []string{"./ci/scripts/mage init"}) {
		t.Errorf("dry run: %q", got)
	}
}

// TestArchivesAreSetByAPersonWhereInitDidNot.
func TestArchivesAreSetByAPersonWhereInitDidNot(t *testing.T) {
	all := []scaffold.Archives{{Tool: "gradle", Script: "build.gradle", Remedy: "one\n  two"}, {Tool: "maven", Remedy: "three"}}
	if got := names(archiveRows(all, nil)); !slices.Equal(got, []string{"edit build.gradle", "edit the build of maven"}) {
		t.Errorf("without files: %q", got)
	}
	if got := archiveRows(all[:1], nil); !strings.HasSuffix(got[0].Text, ": one two") {
		t.Errorf("the remedy is %q", got[0].Text)
	}
	if got := names(archiveRows(all, []scaffold.File{{Path: "build.gradle"}})); !slices.Equal(got, []string{"edit the build of maven"}) {
		t.Errorf("where it is written: %q", got)
	}
}

func TestRuntimeSaysWhereItsVersionIsFrom(t *testing.T) {
	for want, r := range map[string]scaffold.Runtime{
		"21, as in .java-version; cache of gradle": {Used: true, Version: "21", Found: ".java-version", Manager: "gradle"},

		"21, version not found: set it in the workflow; cache of gradle": {Used: true, Version: "21", Manager: "gradle"},
	} {
		if rows := runtimeRow("JDK", r); len(rows) != 1 || rows[0].Text != want {
			t.Errorf("%+v, want %q", rows, want)
		}
	}
	if rows := runtimeRow("JDK", scaffold.Runtime{}); rows != nil {
		t.Errorf("unused: %+v", rows)
	}
}

func TestWorkspaceOfTheRepositoryNeedsItsOwnCondition(t *testing.T) {
	if got := mageCondition([]string{"astrago.yaml", "magefiles/go.work"}); !strings.Contains(got, `GOWORK="$PWD/magefiles/go.work"`) {
		t.Errorf("with a workspace: %q", got)
	}
	if got := mageCondition(nil); strings.Contains(got, "GOWORK") {
		t.Errorf("without one: %q", got)
	}
}

// TestWorkflowRows has a row for what the workflow lacks, and none otherwise.
func TestWorkflowRows(t *testing.T) {
	own := "./tools/astrago/scripts/mage init -kind=generic -force"
	ghcr, other := scaffold.Layout{Image: "ghcr.io/acme/shop"}, scaffold.Layout{Image: "registry.example.com/shop"}
	for name, test := range map[string]struct {
		layout  scaffold.Layout
		kind    scaffold.Kind
		private bool
		want    []string
	}{
		"ghcr.io":        {ghcr, scaffold.Backend, false, nil},
		"a question":     {scaffold.Layout{Image: "<image>"}, scaffold.Backend, false, nil},
		"another host":   {other, scaffold.Generic, false, []string{"secret REGISTRIES"}},
		"a private ci":   {ghcr, scaffold.Frontend, true, []string{own}},
		"both":           {other, scaffold.Backend, true, []string{"secret REGISTRIES", own}},
		"steps, private": {ghcr, scaffold.Generic, true, nil},
	} {
		test.layout.Kind, test.layout.Private = test.kind, test.private
		if got := names(workflowRows(test.layout, "./tools/astrago/scripts/mage ")); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
