package report

import "github.com/xiilab/astrago-ci/magefiles/internal/notes"

// Labels are the words of a Message in one language.
type Labels struct {
	Title func(r Report, recovered bool) string

	Commit, Stage, Cause, Next, Then, Images, Changes, Merge, Deployment, Operate, Run string
	Took, From, Restored, Replaced, Reason, By, Held                                   string

	Brings, TakesBack, Unclear string
	Notes                      notes.Words

	Until  map[string]string // by Hold.Until; format: Report.Scripts, environment
	Values string            // format: number, repository, branch
}

// LabelsIn returns the labels in a language: "ko", or else English.
func LabelsIn(language string) Labels {
	if language == "ko" {
		return Labels{
			Title: koreanTitle, Commit: "커밋", Stage: "실패한 단계", Cause: "원인", Next: "다음 할 일", Then: "이어서",
			Images: "이미지", Changes: "바뀐 값", Merge: "병합할 PR", Deployment: "배포 커밋", Operate: "운영 워크플로",
			Run: "실행 기록", Took: "소요 시간", From: "출처", Restored: "되돌린 시점", Replaced: "바뀌기 전", Reason: "사유",
			By: "실행한 사람", Held: "보류",
			Brings: "반영", TakesBack: "되돌림", Unclear: "변경 내용", Notes: notes.WordsIn(language),
			Until: map[string]string{
				"newer": "더 새로운 빌드를 릴리스할 때까지. 풀려면 %smage hold -env=%s -lift",
				"lift":  "직접 풀 때까지: %smage hold -env=%s -lift",
			},
			Values: "%d개, %s@%s",
		}
	}
	return Labels{
		Title: englishTitle, Commit: "Commit", Stage: "Failed stage", Cause: "Cause", Next: "Next", Then: "Then", Images: "Images",
		Changes: "Values", Merge: "To be merged", Deployment: "Deployment commit", Operate: "Operate", Run: "Run", Took: "Took",
		From: "From", Restored: "Restored", Replaced: "Replaced", Reason: "Reason", By: "By", Held: "Held",
		Brings: "Brings", TakesBack: "Takes back", Unclear: "Changes",
		Until: map[string]string{
			"newer": "until a newer build is released; to lift it: %smage hold -env=%s -lift",
			"lift":  "until it is lifted: %smage hold -env=%s -lift",
		},
		Values: "%d in %s@%s",
	}
}

func englishTitle(r Report, recovered bool) string {
	if recovered {
		return "recovered: " + r.Headline()
	}
	return r.Headline()
}

// koreanTitle keeps names apart from the words around them, so that no particle depends on how a name ends.
func koreanTitle(r Report, recovered bool) string {
	title := ""
	if recovered {
		title += "복구: "
	}
	title += r.Service
	if r.Command == CommandPromote && r.From != nil {
		title += ": " + r.From.Environment
	}
	if r.Environment != "" {
		title += " → " + r.Environment
	}
	title += " " + koreanCommand(r)
	switch {
	case r.Outcome == Done && r.Proposed():
		return title + " PR 생성"
	case r.Outcome == Done && len(r.Proposals()) > 0:
		return title + " 완료, 일부는 PR 생성"
	case r.Outcome == Done:
		return title + " 완료"
	case r.Outcome == NothingToDo && r.Commit.SHA == "":
		return title + ": 변경 없음"
	case r.Outcome == NothingToDo:
		return title + ": 변경 없음 (이미 " + r.Commit.SHA.Short() + ")"
	case r.Outcome == Refused:
		return title + " 거부됨"
	case r.Outcome == Cancelled:
		return title + " 취소됨"
	}
	return title + " 실패"
}

func koreanCommand(r Report) string {
	switch r.Command {
	case CommandPromote:
		return "승격"
	case CommandRollback:
		return "롤백"
	case CommandHold:
		if r.Reason == "" {
			return "보류 해제"
		}
		return "보류"
	case CommandRelease:
		return "릴리스"
	case CommandBump:
		return "태그 반영"
	case CommandPush:
		return "이미지 푸시"
	case CommandBuild:
		return "이미지 빌드"
	case CommandWait:
		return "Argo CD 대기"
	}
	return string(r.Command)
}
