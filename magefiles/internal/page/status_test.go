package page_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// The policy allows what is in the page and nothing else: the digests are of the very bytes between the tags.
func TestPolicyIsOfThisPage(t *testing.T) {
	html := render(t, statusSample(time.Now().UTC()))
	for _, tag := range []string{"style", "script"} {
		content := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(html, -1)
		if len(content) != 1 {
			t.Fatalf("the page has %d elements %s", len(content), tag)
		}
		sum := sha256.Sum256([]byte(content[0][1]))
		if want := tag + "-src &#39;sha256-" + strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;") + "&#39;"; !strings.Contains(html, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	for _, attribute := range []string{" style=", " onclick=", " onload=", " src="} {
		if regexp.MustCompile(`<[a-z]+[^<>]*` + attribute).MatchString(html) {
			t.Errorf("an element has the attribute%s", attribute)
		}
	}
}

// Each icon that the page shows is one that it has: an unknown one is an empty place.
func TestIconsAreDefined(t *testing.T) {
	html := render(t, statusSample(time.Now().UTC()))
	shown := map[string]bool{}
	for _, icon := range regexp.MustCompile(`href="#(i-[^"]*)"`).FindAllStringSubmatch(html, -1) {
		if shown[icon[1]] = true; !strings.Contains(html, `id="`+icon[1]+`"`) {
			t.Errorf("there is no icon %s", icon[1])
		}
	}
	for _, name := range []string{"i-ok", "i-busy", "i-held", "i-drift"} {
		if !shown[name] {
			t.Errorf("the sample does not show %s", name)
		}
	}
}

// A service that has never been deployed has a page, too.
func TestPageOfNothing(t *testing.T) {
	var s status.Status
	s.Service = "backend"
	s.Judge()
	if html := render(t, s); !strings.Contains(html, "Nothing has been deployed") || !strings.Contains(html, "아직 astrago-ci로") {
		t.Errorf("the page is\n%s", html)
	}
}

// Every text is in both languages, and the Korean one is Korean or a name.
func TestBothLanguages(t *testing.T) {
	html := render(t, statusSample(time.Now().UTC()))
	english, korean := strings.Count(html, `<span lang="en">`), strings.Count(html, `<span lang="ko">`)
	if english != korean || english < 50 {
		t.Errorf("%d texts are English, %d Korean", english, korean)
	}
	for _, m := range regexp.MustCompile(`<span lang="ko">([^<]*)</span>`).FindAllStringSubmatch(html, -1) {
		if !regexp.MustCompile(`\p{Hangul}`).MatchString(m[1]) {
			t.Errorf("%q is no Korean", m[1])
		}
	}
}
