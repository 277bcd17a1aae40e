package page

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// bothLabels returns a label of messages in both languages.
func bothLabels(of func(w report.Labels) string) webpage.Text {
	return webpage.Both(of(report.LabelsIn("en")), of(report.LabelsIn("ko")))
}

// runWords are the texts of the page that messages do not have.
func runWords() map[string]webpage.Text {
	return map[string]webpage.Text{
		"skip":       webpage.Both("Skip to the result", "결과로 건너뛰기"),
		"facts":      webpage.Both("In short", "요약"),
		"errors":     webpage.Both("What went wrong", "무엇이 잘못되었나"),
		"next":       webpage.Both("What to do", "다음 할 일"),
		"go-on":      webpage.Both("To go on", "이어서 실행"),
		"components": webpage.Both("Components", "컴포넌트"),
		"component":  webpage.Both("Component", "컴포넌트"),
		"tag":        webpage.Both("Tag", "태그"),
		"digest":     webpage.Both("Digest", "다이제스트"),
		"size":       webpage.Both("Size", "크기"),
		"cached":     webpage.Both("Cached steps", "캐시된 단계"),
		"state":      webpage.Both("State", "상태"),
		"time":       webpage.Both("Time", "시간"),
		"values":     webpage.Both("Changed values", "바뀐 값"),
		"value":      webpage.Both("Value", "값"),
		"before":     webpage.Both("Before", "이전"),
		"after":      webpage.Both("After", "이후"),
		"unchanged":  webpage.Both("unchanged", "변경 없음"),
		"notes":      bothWords(notes.Words.Heading),
		"takes-back": bothWords(notes.Words.TakesBack),
		"stages":     webpage.Both("Stages", "단계"),
		"stage":      webpage.Both("Stage", "단계"),
		"outcome":    webpage.Both("Outcome", "결과"),
		"timeline":   webpage.Both("Timeline", "타임라인"),
		"warnings":   webpage.Both("Warnings", "경고"),
	}
}

// bothWords returns a text of notes in both languages.
func bothWords(of func(w notes.Words) string) webpage.Text {
	return webpage.Both(of(notes.WordsIn("en")), of(notes.WordsIn("ko")))
}

// outcomeText names an outcome.
func outcomeText(o report.Outcome) webpage.Text {
	switch o {
	case report.Done:
		return webpage.Both("done", "완료")
	case report.NothingToDo:
		return webpage.Both("nothing to do", "변경 없음")
	case report.Skipped:
		return webpage.Both("skipped", "건너뜀")
	case report.Refused:
		return webpage.Both("refused", "거부됨")
	case report.Cancelled:
		return webpage.Both("cancelled", "취소됨")
	}
	return webpage.Both("failed", "실패")
}

// stateText names how an image came to be where it is; of a dry run, what would be done and why.
func stateText(i report.Image) webpage.Text {
	switch i.State {
	case report.Built:
		return webpage.Both("built", "빌드됨")
	case report.Pushed:
		return webpage.Both("pushed", "푸시됨")
	case report.Retagged:
		return webpage.Both("retagged", "태그만 붙임")
	case report.Exists:
		return webpage.Both("exists", "이미 있음")
	case report.NotSeen:
		return webpage.Both("not seen", "확인 못 함")
	}
	return webpage.Both(escape.Line(i.StateText()), escape.Line(i.StateText()))
}
