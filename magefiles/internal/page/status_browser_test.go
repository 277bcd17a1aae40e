package page_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/page"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/chromium"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
)

// readers are those who look at a page.
var readers = map[string]chromium.Reader{
	"wall":  {Width: 1920, Height: 1080, Language: "en-US"},
	"night": {Width: 1920, Height: 1080, Language: "en-US", Dark: true},
	"seoul": {Width: 1920, Height: 1080, Language: "ko-KR"},
	"phone": {Width: 390, Height: 844, Language: "ko-KR", Dark: true, Mobile: true},
	"day":   {Width: 390, Height: 844, Language: "fr-FR", Mobile: true},
}

func render(t *testing.T, s status.Status) string {
	t.Helper()
	var b strings.Builder
	if err := page.WriteStatus(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// write writes the sample's page and gives its address.
func write(t *testing.T, generated time.Time) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "status.html")
	if err := os.WriteFile(path, []byte(render(t, statusSample(generated))), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// TestInBrowser looks at the page as all readers do.
func TestInBrowser(t *testing.T) {
	browser := chromium.Start(t)
	address := write(t, time.Now().UTC())
	axe, err := os.ReadFile(contract.Axe(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			p := browser.Open(t, address, reader)
			p.WantQuiet(address)
			p.WantNothingWide()
			wantTable(t, p)
			p.WantAccessible(string(axe))
			p.Keep(name)
		})
	}
	t.Run("nothing hostile runs", func(t *testing.T) { hostileText(t, browser.Open(t, address, readers["wall"])) })
	t.Run("languages", func(t *testing.T) { languages(t, browser, address) })
	t.Run("light and dark", func(t *testing.T) { lightAndDark(t, browser, address) })
	t.Run("keyboard", func(t *testing.T) { keyboard(t, browser.Open(t, address, readers["wall"])) })
	t.Run("an old page says so", func(t *testing.T) { old(t, browser, address) })
	t.Run("without scripts", func(t *testing.T) { withoutScripts(t, browser.Open(t, address, readers["seoul"])) })
	t.Run("from a server", func(t *testing.T) { fromServer(t, browser) })
}

// wantTable checks that a screen reader gets a table with a name, headers and cells, also where it is laid out as blocks.
func wantTable(t *testing.T, p *chromium.Page) {
	t.Helper()
	type value struct{ Value any }
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name value
		}
	}
	p.Call("Accessibility.getFullAXTree", nil, &tree)
	count := map[string]int{}
	names := map[string][]string{}
	for _, n := range tree.Nodes {
		if role := fmt.Sprint(n.Role.Value); !n.Ignored {
			count[role]++
			names[role] = append(names[role], strings.TrimSpace(fmt.Sprint(n.Name.Value)))
		}
	}
	want := map[string]int{"table": 1, "columnheader": 4, "rowheader": 5, "row": 6, "cell": 15, "main": 1, "heading": 2}
	for role, n := range want {
		if count[role] != n {
			t.Errorf("a screen reader finds %d of role %s, want %d: %q", count[role], role, n, names[role])
		}
	}
	if got := names["table"]; len(got) != 1 || !slices.Contains([]string{"Components by environment", "환경별 컴포넌트"}, got[0]) {
		t.Errorf("the table is called %q", got)
	}
	for _, header := range []string{"core", "batch", "monitor", "Argo CD"} {
		if !slices.Contains(names["rowheader"], header) {
			t.Errorf("no row is called %s: %q", header, names["rowheader"])
		}
	}
}

// hostileText is text, and stays it.
func hostileText(t *testing.T, p *chromium.Page) {
	t.Helper()
	var found struct{ Images, Scripts, Bad int }
	p.Evaluate(`({images: document.images.length, scripts: document.scripts.length, bad: [...document.links].filter(a => !/^https?:/.test(a.protocol) && a.className !== 'skip').length})`, &found)
	if found.Images != 0 || found.Scripts != 1 || found.Bad != 0 {
		t.Errorf("what others wrote is in the page as %+v", found)
	}
	if text := p.Text("main"); !strings.Contains(text, hostile) {
		t.Errorf("what others wrote is not shown as it is:\n%s", text)
	}
}

func languages(t *testing.T, browser *chromium.Browser, address string) {
	t.Helper()
	p := browser.Open(t, address, readers["seoul"])
	english := []string{"set by hand", "7 commits behind", "hours ago", "Latest deployments"}
	korean := []string{"수동으로 변경됨", "커밋 7개 뒤처짐", "시간 전", "최근 배포"}
	check := func(lang, title string, shown, hidden []string) {
		t.Helper()
		var is []string
		p.Evaluate("[document.documentElement.lang, document.title]", &is)
		if !slices.Equal(is, []string{lang, title}) {
			t.Errorf("language and title are %q, want %q", is, []string{lang, title})
		}
		text := p.Text("body")
		for i := range shown {
			if !strings.Contains(text, shown[i]) || strings.Contains(text, hidden[i]) {
				t.Errorf("in %s the page shows %q: %v, %q: %v", lang, shown[i], strings.Contains(text, shown[i]), hidden[i], strings.Contains(text, hidden[i]))
			}
		}
	}
	check("ko", "backend 배포 현황", korean, english)
	p.Evaluate("document.querySelector('[data-language=en]').focus()", nil)
	p.Press("Enter")
	check("en", "backend: deployments", english, korean)
	p.Evaluate("location.reload()", nil)
	p.Loaded()
	check("en", "backend: deployments", english, korean)
	if got := p.Requests(); len(got) != 2 {
		t.Errorf("switching asked for %q", got)
	}
	p = browser.Open(t, address, readers["day"])
	check("en", "backend: deployments", english, korean)
}

func lightAndDark(t *testing.T, browser *chromium.Browser, address string) {
	t.Helper()
	var light, dark []int
	const colours = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
	browser.Open(t, address, readers["wall"]).Evaluate(colours, &light)
	browser.Open(t, address, readers["night"]).Evaluate(colours, &dark)
	if slices.Min(light) < 200 || slices.Max(dark) > 50 {
		t.Errorf("the page is %v by day and %v by night", light, dark)
	}
}

// keyboard: everything is reached in the order of reading, and shows that it is.
func keyboard(t *testing.T, p *chromium.Page) {
	t.Helper()
	var got []string
	for range 5 {
		p.Press("Tab")
		var at string
		p.Evaluate(`(e => [e.className || e.id || e.dataset.language || e.href, getComputedStyle(e).outlineStyle, parseInt(getComputedStyle(e).outlineWidth) >= 3].join(' '))(document.activeElement)`, &at)
		got = append(got, at)
	}
	want := []string{"skip solid true", "reload solid true", "en solid true", "ko solid true", "https://argocd.example.com/applications/backend-dev solid true"}
	if !slices.Equal(got, want) {
		t.Errorf("the order is\n%q, want\n%q", got, want)
	}
	p.Evaluate("document.querySelector('.skip').focus()", nil)
	p.Press("Enter")
	var id string
	if p.Evaluate("document.activeElement.id", &id); id != "matrix" {
		t.Errorf("the link to the table leads to %q", id)
	}
	p.Evaluate("document.getElementById('reload').focus()", nil)
	p.Press("Enter")
	var state []string
	p.Evaluate("[document.getElementById('reload').getAttribute('aria-pressed'), location.hash]", &state)
	if !slices.Equal(state, []string{"true", "#reload=1"}) {
		t.Errorf("the button that reloads is %q", state)
	}
}

func old(t *testing.T, browser *chromium.Browser, fresh string) {
	t.Helper()
	const shown = "!document.getElementById('stale').hidden"
	var is bool
	if browser.Open(t, fresh, readers["wall"]).Evaluate(shown, &is); is {
		t.Error("a new page says that it is old")
	}
	p := browser.Open(t, write(t, time.Now().UTC().Add(-3*time.Hour)), readers["wall"])
	if p.Evaluate(shown, &is); !is || !strings.Contains(p.Text("header"), "Generated 3 hours ago") {
		t.Errorf("an old page does not say so: %s", p.Text("header"))
	}
}

// withoutScripts the page is English, and times are dates.
func withoutScripts(t *testing.T, p *chromium.Page) {
	t.Helper()
	var address string
	p.Evaluate("location.href", &address)
	p.Call("Emulation.setScriptExecutionDisabled", map[string]bool{"value": true}, nil)
	p.Navigate(address)
	if text := p.Text("body"); !strings.Contains(text, "Latest deployments") || strings.Contains(text, "최근 배포") || !strings.Contains(text, " UTC") || strings.Contains(text, "Reload") {
		t.Errorf("without scripts the page shows\n%s", text)
	}
}

// fromServer: a browser asks a server for icons, if a page does not keep it from that.
func fromServer(t *testing.T, browser *chromium.Browser) {
	t.Helper()
	asked := make(chan string, 16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		_, _ = w.Write([]byte(render(t, statusSample(time.Now().UTC()))))
	}))
	defer server.Close()
	p := browser.Open(t, server.URL+"/status.html", readers["wall"])
	p.WantQuiet(server.URL + "/status.html")
	if len(asked) != 1 {
		t.Errorf("the server was asked %d times", len(asked))
	}
}
