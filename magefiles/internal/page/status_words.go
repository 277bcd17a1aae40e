package page

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// statusWords are the texts of the page.
func statusWords() map[string]webpage.Text {
	return map[string]webpage.Text{
		"title":       webpage.Both("deployments", "배포 현황"),
		"matrix":      webpage.Both("Components by environment", "환경별 컴포넌트"),
		"component":   webpage.Both("Component", "컴포넌트"),
		"history":     webpage.Both("Latest deployments", "최근 배포"),
		"none":        webpage.Both("Nothing has been deployed by astrago-ci yet.", "아직 astrago-ci로 배포한 기록이 없습니다."),
		"generated":   webpage.Both("Generated", "생성 시각"),
		"stale":       webpage.Both("This page is old. What it shows may have changed.", "오래된 페이지입니다. 지금 상태와 다를 수 있습니다."),
		"reload":      webpage.Both("Reload every 5 minutes", "5분마다 새로 고침"),
		"skip":        webpage.Both("Skip to the table", "표로 건너뛰기"),
		"source":      webpage.Both("built from", "원본 커밋"),
		"current":     webpage.Both("up to date", "최신"),
		"behind":      webpage.Both("behind", "뒤처짐"),
		"ahead":       webpage.Both("not on the branch", "브랜치에 없음"),
		"behind?":     webpage.Both("commits behind: not known", "뒤처진 커밋 수를 알 수 없음"),
		"deployed":    webpage.Both("deployed", "배포"),
		"digest":      webpage.Both("digest", "다이제스트"),
		"from":        webpage.Both("from", "출처"),
		"held":        webpage.Both("held", "보류됨"),
		"since":       webpage.Both("since", "시작"),
		"until-newer": webpage.Both("until a newer build is released", "새 빌드가 릴리스될 때까지"),
		"until-lift":  webpage.Both("until it is lifted", "풀 때까지"),
		"absent":      webpage.Both("not part of it", "해당 없음"),
		"no-tag":      webpage.Both("no tag is known", "태그를 알 수 없음"),
		"forced":      webpage.Both("forced", "강제"),
		"run":         webpage.Both("run", "실행 기록"),
		"not-asked":   webpage.Both("not asked", "조회 안 함"),
		"syncing":     webpage.Both("syncing", "동기화 작업 중"),
		"branch":      webpage.Both("branch", "브랜치"),
		"unreadable":  webpage.Both("cannot be read", "읽을 수 없음"),
		"overall":     webpage.Both("Overall", "전체"),
	}
}

// stateName returns the name of one of the states.
func stateName(s status.State) webpage.Text {
	switch s {
	case status.OK:
		return webpage.Both("in order", "정상")
	case status.Held:
		return webpage.Both("held", "보류됨")
	case status.Drifted:
		return webpage.Both("drift", "불일치")
	}
	return webpage.Both("not known", "확인 불가")
}

// eventName names what a commit did.
func eventName(k status.Kind) webpage.Text {
	switch k {
	case status.Release:
		return webpage.Both("release", "릴리스")
	case status.Promotion:
		return webpage.Both("promotion", "승격")
	case status.Rollback:
		return webpage.Both("rollback", "롤백")
	case status.HoldPut:
		return webpage.Both("hold", "보류")
	case status.HoldEnded:
		return webpage.Both("hold lifted", "보류 해제")
	}
	return webpage.Both("by hand", "수동 변경")
}

// driftName returns what does not fit together; what was expected and what is there stand beside it.
func driftName(d status.Drift) webpage.Text {
	switch d.Kind {
	case status.HandEdit:
		return webpage.Both("set by hand", "수동으로 변경됨")
	case status.TakenOver:
		return webpage.Both("set by "+d.Writer, d.Writer+"에서 변경함")
	case status.TagMoved:
		return webpage.Both("the tag has moved in the registry", "레지스트리에서 태그가 옮겨짐")
	case status.ImageGone:
		return webpage.Both("the registry has no such image", "레지스트리에 이미지가 없음")
	case status.OutOfSync:
		return webpage.Both("what runs is not what the repository says", "실행 중인 상태가 저장소와 다름")
	case status.NotLive:
		return webpage.Both("this image does not run", "이미지가 실행되고 있지 않음")
	}
	return webpage.Both(string(d.Kind), string(d.Kind))
}

// argocdWord names Argo CD's own words.
func argocdWord(word string) webpage.Text {
	korean := map[string]string{
		"Synced": "동기화됨", "OutOfSync": "동기화 안 됨", "Healthy": "정상", "Progressing": "진행 중", "Degraded": "비정상",
		"Suspended": "일시 중단", "Missing": "리소스 없음", "Unknown": "알 수 없음",
	}[word]
	if korean == "" {
		korean = word
	}
	return webpage.Both(word, korean)
}
