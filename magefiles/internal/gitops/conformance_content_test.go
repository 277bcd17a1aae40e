package gitops_test

import (
	"slices"
	"strings"
)

// contents is that a bump changes the bytes of its values and no other.
var contents = slices.Concat(exactFiles(), []scenario{
	{name: "every byte is read as it is", run: func(s *scene) {
		for name, content := range map[string]string{
			"Latin-1":        "key: value # caf\xe9\n",
			"NUL":            "key: \x00\n",
			"half a rune":    "key: value # \xed\x95\n",
			"replacement":    "key: \ufffd\n",
			"line separator": "key: a\u2028b <&> \\u0041\n",
		} {
			s.push(map[string]string{shopFile: content})
			if got := s.read(s.release(newSHA).Deployment).Files[shopFile]; string(got) != content {
				s.Errorf("%s: %q, want %q", name, got, content)
			}
		}
	}},
	// GraphQL cuts text at 512,000 bytes and REST gives none above 1 MB, so the file is fetched in another form.
	{name: "a file of 1.5 MB", files: map[string]string{shopFile: large(3 << 19)}, run: func(s *scene) {
		s.bump(s.release(newSHA, "core"))
		s.wantCalls(1, 1)
		if s.content(shopFile) != replaced(large(3<<19), ours9f, bumped) {
			s.Error("other bytes of the large file have changed")
		}
	}},
})

// large is shopValues with lines below up to a size in bytes.
func large(size int) string {
	const line = "  - name: 항목 # a line of a large file\n"
	return shopValues + "rest:\n" + strings.Repeat(line, size/len(line))
}

func exactFiles() []scenario {
	var all []scenario
	for name, content := range map[string]string{
		"CRLF":             "shop:\r\n  core:\r\n    imageTag: \"core-stage-9f8e7d6c\"\r\n",
		"mixed line ends":  "shop:\r\n  core:\n    imageTag: \"core-stage-9f8e7d6c\"\r\n",
		"BOM":              "\ufeffshop:\n  core:\n    imageTag: core-stage-9f8e7d6c\n",
		"Korean":           "# 스테이지 환경\nshop:\n  core: # 백엔드\n    imageTag: 'core-stage-9f8e7d6c' # 태그 😀\n",
		"no final newline": "shop:\n  core:\n    imageTag: \"core-stage-9f8e7d6c\"",
		"trailing blanks":  "shop:\n  core:   \n    imageTag: \"core-stage-9f8e7d6c\"   \n\n   \n\n",
		"JSON's escapes":   "shop: # \\u0041 \" < > & \\n \ufffd\n  core:\n    imageTag: core-stage-9f8e7d6c\n",
	} {
		all = append(all, scenario{
			name: "every other byte stays: " + name, files: map[string]string{shopFile: content},
			run: func(s *scene) {
				s.bump(s.release(newSHA, "core"))
				s.wantContent(shopFile, replaced(content, ours9f, bumped))
			},
		})
	}
	return all
}
