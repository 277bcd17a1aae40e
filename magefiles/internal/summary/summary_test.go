package summary_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func write(t *testing.T, r report.Report) string {
	t.Helper()
	var b strings.Builder
	if err := summary.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSummary(t *testing.T) {
	built := sample.Report(report.CommandBuild)
	built.Environment, built.Deployment, built.Commit.URL = "", nil, ""
	nothing := sample.Report(report.CommandBump)
	nothing.Outcome, nothing.Images, nothing.Deployment[0].Changes = report.NothingToDo, nil, nil
	for name, r := range map[string]report.Report{
		"released":            sample.Report(report.CommandRelease),
		"built":               built,
		"nothing-to-do":       nothing,
		"refused":             sample.Failed(sample.Refused()),
		"wrong-configuration": sample.Failed(sample.Errors()),
		"early":               sample.Early(),
		"promoted":            sample.Messages()["promoted"],
	} {
		t.Run(name, func(t *testing.T) { sample.Golden(t, ""+name+".md", write(t, r)) })
	}
}

// GitHub drops a summary that is too long, so a huge one is cut at a line and says so.
func TestSummaryStaysBelowTheLimit(t *testing.T) {
	huge := map[string]func(r *report.Report){
		"changes": func(r *report.Report) {
			for i := range 20_000 {
				r.Deployment[0].Changes = append(r.Deployment[0].Changes, report.Change{
					File: sample.ValuesFile, Line: i, Path: fmt.Sprintf(".astrago.components.c%d.tag", i), Old: "이전", New: "이후",
				})
			}
		},
		"images": func(r *report.Report) {
			for i := range 40_000 {
				r.Images = append(r.Images, report.Image{Component: component.Name(fmt.Sprintf("c%d", i)), Ref: refs.Image("ghcr.io/x/y:tag"), Digest: digest.Digest(sample.Digest(0))})
			}
		},
		"error": func(r *report.Report) {
			r.Error = &report.Error{Message: strings.Repeat("한 줄의 로그\n", 100_000), Place: &report.Place{Snippet: strings.Repeat("로그\n", 500_000)}}
		},
		"title":  func(r *report.Report) { r.Commit.Title = strings.Repeat("제목", 400_000) },
		"stages": func(r *report.Report) { r.Stages[0].Note = strings.Repeat("x", 2<<20) },
	}
	for name, grow := range huge {
		t.Run(name, func(t *testing.T) {
			r := sample.Report(report.CommandRelease)
			grow(&r)
			got := write(t, r)
			if len(got) > summary.Limit {
				t.Fatalf("%d bytes", len(got))
			}
			if !strings.HasPrefix(got, "## ") {
				t.Errorf("the headline is missing: %.100q", got)
			}
			sample.WantFences(t, got)
			if open, closed := strings.Count(got, "<details>"), strings.Count(got, "</details>"); open != closed {
				t.Errorf("%d of %d details are closed", closed, open)
			}
			if name == "changes" || name == "images" || name == "error" {
				if !strings.Contains(got, "do not fit") {
					t.Error("does not say that something is missing")
				}
				if len(got) < summary.Limit/2 {
					t.Errorf("cut to %d bytes, much less than is allowed", len(got))
				}
			}
		})
	}
}
