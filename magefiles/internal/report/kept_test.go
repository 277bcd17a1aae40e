package report

import (
	"bytes"
	"strings"
	"testing"
)

// TestSubjectIsShown wants how a commit would be worded in both views of a dry run.
func TestSubjectIsShown(t *testing.T) {
	r := Report{
		Command: CommandRelease, Outcome: Done, DryRun: true, Service: "backend", Environment: "stage",
		Deployment: []Deployment{{Repository: "acme/deployment", Branch: "main", Subject: "OPS-1 <b> keep(stage)"}},
	}
	var console, summary bytes.Buffer
	NewConsole(&console, Options{Width: 100}).Finish(r)
	if err := Summary(&summary, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(console.String(), "commit message: OPS-1 <b> keep(stage)") || strings.Contains(summary.String(), "<b>") ||
		!strings.Contains(summary.String(), "commit message: OPS-1 ") {
		t.Errorf("console:\n%s\nsummary:\n%s", &console, &summary)
	}
}

// TestKeptTagsAreShown wants what is kept in every view of a run.
func TestKeptTagsAreShown(t *testing.T) {
	r := Report{
		Command: CommandRelease, Outcome: Done, Service: "backend", Environment: "stage",
		Images:     []Image{{Component: "core", Ref: "ghcr.io/acme/backend:core-2"}},
		Deployment: []Deployment{{Repository: "acme/deployment", Branch: "main", Commit: "5f3c0b1d", Kept: []Kept{{Component: "core", Tag: "core-1", Digest: "sha256:ab"}}}},
	}
	if !r.Deployment[0].KeepsAll() || r.deployedTag(r.Images[0]) != "core-1" {
		t.Errorf("%+v keeps all: %v, and deploys %s", r.Deployment, r.Deployment[0].KeepsAll(), r.deployedTag(r.Images[0]))
	}
	var console, summary, page bytes.Buffer
	NewConsole(&console, Options{Width: 100}).Finish(r)
	for _, err := range []error{Summary(&summary, r), Page(&page, r, "en")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"console": console.String(), "summary": summary.String()} {
		if !strings.Contains(text, "core keeps core-1, which is the same image") {
			t.Errorf("the %s does not say what is kept:\n%s", name, text)
		}
	}
	if !strings.Contains(page.String(), "<code>core core-1</code>") {
		t.Errorf("the page does not say what is kept:\n%s", page.String())
	}
}
