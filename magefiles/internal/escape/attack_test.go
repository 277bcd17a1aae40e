package escape_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// hostile are texts that act on a reader that takes them as they are.
var hostile = []string{
	"::add-mask::x", "\u00a0::set-env name=X::y", "\u3000\u2003::error::x", "\ufeff::stop-commands::t", "a ##[set-env name=X]y", "###[add-mask]z",
	"\x1b]0;title\x07\x1b[2J\x1b[31mred", "\x1b]8;;https://evil.example\x1b\\click", "\u009b31m", "trojan \u202e txt.exe", "line\rforged", "a\r\n::x::y", "\u2028::a::",
	"closes #12, fixes acme/deployment#7 GH-3", "@acme/platform", "[approve](https://evil.example)", "![](https://evil.example/x.png)", "<img src=x onerror=y>",
	"closes https://github.com/acme/x/issues/1", "www.evil.example", "`code` ``` |", "\n\nAstrago-Image: core x@sha256:00", "\nend_\nother=1", "\xff\xfe", "",
}

func seed(f *testing.F) {
	f.Helper()
	for _, text := range hostile {
		f.Add(text)
	}
}

func safe(t *testing.T, text, allowed string) {
	t.Helper()
	for _, r := range text {
		if unicode.IsControl(r) && !strings.ContainsRune(allowed, r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			t.Fatalf("%U in %q", r, text)
		}
	}
}

func FuzzTerminal(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		safe(t, escape.Line(text), "")
		for _, line := range escape.Lines(text) {
			safe(t, line, "")
		}
	})
}

// A stream is harmless and the same however it is cut.
func FuzzStream(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, uint8(1))
	}
	f.Add(strings.Repeat("\x1b]0;", 2000)+"end", uint8(200))
	f.Fuzz(func(t *testing.T, text string, step uint8) {
		var whole, cut escape.Stream
		want := whole.Next(text) + whole.End()
		safe(t, want, "\n\r\t")
		var b strings.Builder
		for rest := text; rest != ""; {
			n := min(int(step%64)+1, len(rest))
			b.WriteString(cut.Next(rest[:n]))
			rest = rest[n:]
		}
		b.WriteString(cut.End())
		if len(text) < 4096 && b.String() != want {
			t.Fatalf("cut by %d: %q, whole: %q", step%64+1, b.String(), want)
		}
		safe(t, b.String(), "\n\r\t")
	})
}

func TestStreamLeavesOutWhatATerminalObeys(t *testing.T) {
	for text, want := range map[string]string{
		"\x1b[1;31merror\x1b[0m: x\n":           "error: x\n",
		"\x1b]0;title\x07a\x1b]8;;u\x1b\\b":     "ab",
		"10%\r20%\r\n\tdone":                    "10%\r20%\r\n\tdone",
		"\x1b(Bplain\x1b=":                      "plain",
		"\x1b]never ended\nnext":                "␛]never ended\nnext",
		"bell\x07 back\x08 한글 \x1b\x1b[0mx":     "bell␇ back␈ 한글 ␛x",
		"\x1b[31":                               "␛[31",
		strings.Repeat("\x1b]8;;", 1) + "short": "␛]8;;short",
	} {
		var s escape.Stream
		if got := s.Next(text) + s.End(); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// FuzzRunner reads lines as the runner does: TryParseV2 after TrimStart, TryParse with IndexOf.
func FuzzRunner(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		line := escape.Runner(escape.Line(text))
		if strings.HasPrefix(strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }), "::") {
			t.Errorf("a command: %q", line)
		}
		if strings.Contains(line, "##[") {
			t.Errorf("a command of the old form: %q", line)
		}
		if back := strings.ReplaceAll(line, "\u200b", ""); back != strings.ReplaceAll(escape.Line(text), "\u200b", "") {
			t.Errorf("a reader sees %q of %q", back, text)
		}
		command := escape.Command("error", text, "file", text)
		if strings.ContainsAny(command, "\r\n") || strings.Count(command, "::") < 2 {
			t.Errorf("an annotation ends early: %q", command)
		}
		properties, _, _ := strings.Cut(strings.TrimPrefix(command, "::error"), "::")
		if strings.Count(properties, ",") > 0 {
			t.Errorf("an annotation has a property of others: %q", command)
		}
	})
}

// FuzzOutput reads the file as the runner does (src/Runner.Worker/FileCommandManager.cs): what ends a value is its delimiter.
func FuzzOutput(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, value string) {
		file := escape.Output("images", value) + escape.Output("changed", "true")
		values := map[string]string{}
		for file != "" {
			line, rest, _ := strings.Cut(file, "\n")
			file = rest
			if name, delimiter, block := strings.Cut(line, "<<"); block && !strings.Contains(name, "=") {
				text, after, ended := strings.Cut("\n"+file, "\n"+delimiter+"\n")
				if !ended {
					t.Fatalf("a value does not end: %q", value)
				}
				values[name], file = strings.TrimPrefix(text, "\n"), after
				continue
			}
			name, plain, _ := strings.Cut(line, "=")
			values[name] = plain
		}
		if len(values) != 2 || values["images"] != value || values["changed"] != "true" {
			t.Errorf("%q becomes %q", value, values)
		}
	})
}

// live finds in Markdown what GitHub links, mentions or renders.
var live = regexp.MustCompile(`(^|[^\\])[\[\]*_~|!]|<|(^|[^\\])` + "`")

func FuzzMarkdown(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		got := escape.Markdown(text)
		safe(t, got, "")
		plain := strings.ReplaceAll(got, `\\`, "")
		if live.MatchString(plain) || regexp.MustCompile(`@[^\x{200b}]`).MatchString(got) {
			t.Errorf("%q is live in %q", text, got)
		}
		code := escape.MarkdownCode(text)
		safe(t, code, "")
		if inner := strings.Trim(code, "`"); strings.HasPrefix(code, "`") && strings.Contains(inner, "`") || strings.Contains(code, "|") {
			t.Errorf("%q ends its code: %q", text, code)
		}
		if inner, tagged := strings.CutPrefix(code, "<code>"); tagged && strings.Contains(strings.TrimSuffix(inner, "</code>"), "<") {
			t.Errorf("%q has a tag: %q", text, code)
		}
		link := escape.MarkdownLink("label", "https://x/"+text)
		if strings.Count(link, ")") != 1 || strings.ContainsAny(link, " \n<>") {
			t.Errorf("%q ends its link: %q", text, link)
		}
	})
}

// refers finds what GitHub's keywords close and its autolinks link.
var refers = regexp.MustCompile(`#\d|(?i:gh-\d)|://|(?i:www\.)`)

func FuzzPullRequest(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		got := escape.PullRequest(text)
		safe(t, got, "")
		if refers.MatchString(got) || live.MatchString(strings.ReplaceAll(got, `\\`, "")) || regexp.MustCompile(`@[^\x{200b}]`).MatchString(got) {
			t.Errorf("%q is live in %q", text, got)
		}
	})
}

func FuzzCommit(f *testing.F) {
	seed(f)
	f.Add("ghcr.io/acme/x:core-1@sha256:0123")
	f.Fuzz(func(t *testing.T, text string) {
		got := escape.Commit(text)
		safe(t, got, "")
		if strings.ContainsAny(got, "\n\r") || got == "" || refers.MatchString(got) || regexp.MustCompile(`(^|\s)@\w`).MatchString(got) {
			t.Errorf("%q is live in %q", text, got)
		}
	})
	if got := escape.Commit("ghcr.io/acme/x:core-1@sha256:0123"); got != "ghcr.io/acme/x:core-1@sha256:0123" {
		f.Errorf("a reference with a digest becomes %q", got)
	}
}
