package cashier

import (
	"regexp"
	"strings"
	"testing"
)

// claims are what only "paid" may say, and what may not be said while the result is
// open, each after the harmless phrases are taken out.
type claims struct {
	paid, ended string
	harmless    []string
	goods       string // keep the goods
	risk        string
}

func claimsOf(lang Lang) claims {
	switch lang {
	case SimplifiedChinese:
		return claims{
			paid:     `已付款|已收款|成功|已收取|已完成|已扣款|已被扣|商品和小票`,
			ended:    `没有扣款|未扣款|没有被扣|会退回|会退给|没有发送|无需付款|不会收取`,
			harmless: []string{"可能已被扣", "如顾客已被扣款", "如您已被扣款，款项会退给您", "如您已被扣款", "如已扣款", "可能已扣款", "可能已完成"},
			goods:    "请先不要交出商品", risk: `风险|欺诈|可疑|安全`,
		}
	case TraditionalChinese:
		return claims{
			paid:     `已付款|已收款|成功|已收取|已完成|已扣款|已被扣|商品和收據`,
			ended:    `沒有扣款|未扣款|沒有被扣|會退回|會退給|沒有送出|無需付款|不會收取`,
			harmless: []string{"可能已被扣", "如顧客已被扣款", "如您已被扣款，款項會退給您", "如您已被扣款", "如已扣款", "可能已扣款", "可能已完成"},
			goods:    "請先不要交出商品", risk: `風險|詐欺|可疑|安全`,
		}
	case Japanese:
		return claims{
			paid:     `支払い済み|受け取りました|受け取り済み|完了|成功|請求されました|商品とレシート`,
			ended:    `請求はありません|請求なし|請求もありません|請求はございません|返金されます|返金いたします|お支払いは不要|受け取りません`,
			harmless: []string{"請求があった場合は返金いたします"},
			goods:    "商品はまだ渡さ", risk: `リスク|不正|詐欺|安全`,
		}
	case Korean:
		return claims{
			paid:     `결제 완료|결제가 완료|받았습니다|성공|출금되었습니다|출금됨|상품과 영수증`,
			ended:    `출금되지 않았|출금 없음|반환됩니다|반환되며|지불할 금액이 없|받지 않습니다\. 지갑`,
			harmless: []string{"출금되었을 수 있습니다"},
			goods:    "상품을 아직 건네지", risk: `위험|사기|의심|보안`,
		}
	}
	return claims{
		paid:     `ชำระเงินแล้ว|ได้รับเงินแล้ว|เรียบร้อย|สำเร็จ|ถูกตัดเงินแล้ว|มอบสินค้าและ`,
		ended:    `ไม่มีการตัดเงิน|ไม่ถูกตัดเงิน|เงินจะคืนกลับ|ไม่มียอดค้าง|ไม่ได้ส่งรายการ`,
		harmless: []string{"อาจถูกตัดเงินแล้ว", "อาจมีหรือไม่มีการตัดเงิน", "ยังไม่ได้ส่งรายการใด"},
		goods:    "อย่าเพิ่งมอบสินค้า", risk: `เสี่ยง|ทุจริต|ฉ้อโกง|ปลอดภัย`,
	}
}

func without(s string, phrases []string) string {
	for _, p := range phrases {
		s = strings.ReplaceAll(s, p, "")
	}
	return s
}

func TestOnlyPaidSaysPaidInEveryLanguage(t *testing.T) {
	for _, lang := range others() {
		c := claimsOf(lang)
		claim := regexp.MustCompile(c.paid)
		said := map[string]bool{}
		each(t, lang, false, func(key, part, s string) {
			m := claim.FindString(without(s, c.harmless))
			switch {
			case key == "paid" || key == "paid.person":
				said[part] = said[part] || m != ""
			case m != "":
				t.Errorf("%s %s: %s claims %q: %q", lang, key, part, m, s)
			}
		})
		for _, part := range []string{"title", "money", "action", "say"} {
			if !said[part] {
				t.Errorf("%s: the claims do not know the words for paid in %s", lang, part)
			}
		}
	}
}

func TestOnlyEndsSayThatNothingWasTakenInEveryLanguage(t *testing.T) {
	open := regexp.MustCompile(`^(processing|confirming|checking|reversing|attention|refund\.(processing|no_connection|attention))`)
	for _, lang := range others() {
		c := claimsOf(lang)
		claim := regexp.MustCompile(c.ended)
		ends := 0
		each(t, lang, false, func(key, part, s string) {
			m := claim.FindString(without(s, c.harmless))
			if m != "" && open.MatchString(key) {
				t.Errorf("%s %s: %s claims %q: %q", lang, key, part, m, s)
			}
			if m != "" {
				ends++
			}
		})
		if ends < 40 {
			t.Errorf("%s: the claims are found %d times only: the check looks for the wrong words", lang, ends)
		}
	}
}

func TestRefusalsSayThatNothingWasTakenInEveryLanguage(t *testing.T) {
	for _, lang := range others() {
		tr := translation(t, lang)
		claim := regexp.MustCompile(claimsOf(lang).ended)
		for _, e := range catalogue() {
			says := strings.Contains(e.Money, "Nothing was taken") || strings.Contains(e.Money, "nothing was taken")
			if got := tr.Words(e.key).Money; says && !claim.MatchString(got) {
				t.Errorf("%s %s: %q does not say %q", lang, e.key, got, e.Money)
			}
		}
	}
}

func TestGoodsAreKeptWhereverTheEnglishSaysSo(t *testing.T) {
	for _, lang := range others() {
		tr, keep := translation(t, lang), claimsOf(lang).goods
		for _, e := range catalogue() {
			top, _, _ := strings.Cut(e.key, ".")
			if top == "cancelled" { // the goods stay or the sale begins again
				continue
			}
			want := strings.Contains(strings.ToLower(e.Action), "keep the goods") || strings.Contains(e.Action, "Do not hand over goods")
			if got := strings.Contains(strings.ReplaceAll(tr.Words(e.key).Action, "이 판매의 상품", "상품"), keep); got != want {
				t.Errorf("%s %s: %q says to keep the goods: %v, the English %q: %v", lang, e.key, tr.Words(e.key).Action, got, e.Action, want)
			}
		}
	}
}

func TestRiskIsNeverExplainedInAnyLanguage(t *testing.T) {
	for _, lang := range others() {
		risk := regexp.MustCompile(claimsOf(lang).risk)
		for _, key := range []string{"code.RISK_REJECT", "code.FRAUD_REJECT"} {
			for part, s := range parts(translation(t, lang).Words(key)) {
				if risk.MatchString(s) {
					t.Errorf("%s %s: %s explains: %q", lang, key, part, s)
				}
			}
		}
	}
}
