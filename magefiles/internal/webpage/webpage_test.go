package webpage_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

const body = `{{define "body"}}<a class="skip" href="#main">x</a><div class="tools">{{template "languages"}}</div><main id="main">` +
	`{{template "b" (t "hello")}}{{range .}}{{template "link" (pair . .)}}{{end}}</main>{{end}}`

func write(t *testing.T, html string, data any) (string, error) {
	t.Helper()
	p := webpage.Page{HTML: html, Words: map[string]webpage.Text{"hello": webpage.Both("hello", "안녕하세요")}}
	var b strings.Builder
	err := p.Write(&b, webpage.Head{Title: webpage.Both("title", "제목"), Schema: "astrago-ci/x/v1", Language: "ko"}, data)
	return b.String(), err
}

func TestWrite(t *testing.T) {
	html, err := write(t, body, []string{"https://example.com/?a=1&b", "javascript:alert(1)", "<script>"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<html lang="ko"`, "<title>제목</title>", `content="astrago-ci/x/v1"`, `<span lang="en">hello</span><span lang="ko">안녕하세요</span>`,
		`<a href="https://example.com/?a=1&amp;b" rel="noreferrer">`, `</a>javascript:alert(1)&lt;script&gt;</main>`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s:\n%s", want, html)
		}
	}
}

func TestWriteSaysWhatIsWrongWithAPage(t *testing.T) {
	for html, want := range map[string]string{
		`{{define "body"}}{{t "bye"}}{{end}}`: `there is no text "bye"`,
		`{{define "body"}}{{.}`:               "reading the page's template",
	} {
		if _, err := write(t, html, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}
