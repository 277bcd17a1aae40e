package page_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/page"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/chromium"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func writeRun(t *testing.T, r report.Report, language string) string {
	t.Helper()
	var b strings.Builder
	if err := page.WriteRun(&b, r, language); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pages are what people are shown, with who looks.
func pages() map[string]struct {
	report report.Report
	reader chromium.Reader
	words  []string
} {
	type shown = struct {
		report report.Report
		reader chromium.Reader
		words  []string
	}
	released := sample.Waited()
	all := sample.Report(report.CommandRelease)
	released.Command, released.Images, released.Stages, released.Run = all.Command, all.Images, all.Stages, sample.RunURL
	released.Deployment, released.Warnings = all.Deployment, all.Warnings
	several := sample.Failed(sample.Errors())
	several.Next = "mage release -env=stage"
	cut := sample.FailedLater()
	cut.Fail(errors.New("building core: exit code 1\n> [3/4] RUN make\nmake: *** [all] Error 2"))
	rolledBack := sample.Messages()["rollback"]
	return map[string]shown{
		"light":  {released, chromium.Reader{Width: 1280, Height: 1400, Language: "en-US"}, []string{"backend released to stage", "12.4 MB (+1.2 MB)", "core-stage-9f8e7d6c", "Synced, Healthy, 7f3c2d1e", "skipped"}},
		"dark":   {released, chromium.Reader{Width: 1280, Height: 1400, Language: "en-US", Dark: true}, []string{"Changed values"}},
		"korean": {rolledBack, chromium.Reader{Width: 1280, Height: 1400, Language: "ko-KR"}, []string{"롤백 완료", "바뀐 값", "login fails", "되돌린 시점", "보류", "반영되는 변경", "커밋 1개 되돌림", "sign in with a passkey", "더 새로운 빌드를 릴리스할 때까지"}},
		"failed": {several, chromium.Reader{Width: 1280, Height: 1400, Language: "en-US"}, []string{"What went wrong", `unknown key "dockerfil"`, "did you mean", "./ci/scripts/mage release -env=stage"}},
		"night":  {cut, chromium.Reader{Width: 1280, Height: 1400, Language: "ko-KR", Dark: true}, []string{"무엇이 잘못되었나", "make: *** [all] Error 2", "거부됨"}},
		"narrow": {released, chromium.Reader{Width: 390, Height: 2600, Language: "ko-KR", Mobile: true}, []string{"릴리스 완료", "다이제스트", "크기", "15 of 21 steps cached"}},
		"early":  {sample.Early(), chromium.Reader{Width: 390, Height: 844, Language: "en-US", Mobile: true}, []string{"promote failed"}},
	}
}

func TestPageInBrowser(t *testing.T) {
	browser := chromium.Start(t)
	axe, err := os.ReadFile(contract.Axe(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, shown := range pages() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "release.html")
			if err := os.WriteFile(path, []byte(writeRun(t, shown.report, "en")), 0o600); err != nil {
				t.Fatal(err)
			}
			p := browser.Open(t, "file://"+path, shown.reader)
			p.WantQuiet("file://" + path)
			p.WantNothingWide()
			p.WantAccessible(string(axe))
			p.Keep(name)
			text := p.Text("body")
			for _, word := range shown.words {
				if !strings.Contains(text, word) {
					t.Errorf("the page lacks %q:\n%s", word, text)
				}
			}
			if name == "light" {
				wantKeyboard(t, p)
				wantBars(t, p)
			}
		})
	}
}

// wantKeyboard: everything is reached in the order of reading, and shows that it is.
func wantKeyboard(t *testing.T, p *chromium.Page) {
	t.Helper()
	var got []string
	for range 4 {
		p.Press("Tab")
		var at string
		p.Evaluate(`(e => [e.className || e.dataset.language || e.textContent, parseInt(getComputedStyle(e).outlineWidth) >= 3].join(' '))(document.activeElement)`, &at)
		got = append(got, at)
	}
	if want := []string{"skip true", "en true", "ko true", "a1b2c3d4 true"}; !slices.Equal(got, want) {
		t.Errorf("the order is %q, want %q", got, want)
	}
	p.Evaluate("document.querySelector('.skip').focus()", nil)
	p.Press("Enter")
	var id string
	if p.Evaluate("document.activeElement.id", &id); id != "main" {
		t.Errorf("the link to the result leads to %q", id)
	}
}

// wantBars: a bar for each stage that ran, none too short to be seen, and none beyond the end.
func wantBars(t *testing.T, p *chromium.Page) {
	t.Helper()
	var bars []struct{ Left, Right float64 }
	p.Evaluate(`[...document.querySelectorAll('.bar')].map(b => { const o = b.getBoundingClientRect(), r = b.firstElementChild.getBoundingClientRect(); return {left: (r.left - o.left) / o.width, right: (r.right - o.left) / o.width} })`, &bars)
	if len(bars) != 3 {
		t.Fatalf("%d bars", len(bars))
	}
	end := 0.0
	for _, bar := range bars {
		if bar.Left < end-0.01 || bar.Right-bar.Left < 0.005 || bar.Right > 1.001 {
			t.Errorf("the bars are %+v", bars)
		}
		end = bar.Right
	}
}

// What others wrote is text in the page, and the file is known as a report.
func TestPageIsSafe(t *testing.T) {
	var r report.Report
	sample.Fill(reflect.ValueOf(&r).Elem())
	for _, command := range []report.Command{report.CommandRelease, report.CommandRollback, sample.Hostile} {
		r.Command, r.Outcome = command, report.Failed
		html := writeRun(t, r, "ko")
		sample.WantHarmless(t, "page", html)
		if strings.Contains(html, "<script> @team") || strings.Count(html, "<script>") != 1 || regexp.MustCompile(`<[a-z]+[^<>]* (style|onclick|onload|src)=`).MatchString(html) {
			t.Errorf("markup of others is in the page:\n%s", html)
		}
	}
}

// Every text is in both languages; without scripts the page speaks the one that is configured.
func TestPageSpeaksBothLanguages(t *testing.T) {
	for language, want := range map[string]string{"ko": `<html lang="ko"`, "en": `<html lang="en"`, "": `<html lang="en"`} {
		html := writeRun(t, sample.FailedLater(), language)
		if english, korean := strings.Count(html, `<span lang="en">`), strings.Count(html, `<span lang="ko">`); english != korean || english < 30 || !strings.Contains(html, want) {
			t.Errorf("%d texts are English, %d Korean, and %s: %v", english, korean, want, strings.Contains(html, want))
		}
	}
	for _, outcome := range []report.Outcome{report.Done, report.NothingToDo, report.Failed, report.Refused, report.Cancelled} {
		r := sample.Report(report.CommandRelease)
		r.Outcome = outcome
		for _, m := range regexp.MustCompile(`<span lang="ko">([^<]*)</span>`).FindAllStringSubmatch(writeRun(t, r, ""), -1) {
			if !regexp.MustCompile(`\p{Hangul}`).MatchString(m[1]) {
				t.Errorf("%q is no Korean", m[1])
			}
		}
	}
}
