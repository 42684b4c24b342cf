package receipt

// words are the words of a receipt in one language.
type words struct {
	payment, refund, copy           string // titles
	paid, refunded, left            string // amounts
	date, sale, goods, reason       string
	with, code                      string
	paymentNo, acquirerNo, refundNo string
	store, till                     string
	byPerson                        string // the end was found out by a person
}

func wordsOf(language string) words {
	switch language {
	case "zh-Hans":
		return words{
			payment: "付款凭证", refund: "退款凭证", copy: "副本",
			paid: "已付款", refunded: "已退款", left: "退款后余额",
			date: "时间", sale: "销售单号", goods: "商品", reason: "原因", with: "支付方式", code: "付款码",
			paymentNo: "商户交易号", acquirerNo: "支付宝交易号", refundNo: "退款单号",
			store: "门店", till: "收银机", byPerson: "由店员核实",
		}
	case "zh-Hant":
		return words{
			payment: "付款收據", refund: "退款收據", copy: "副本",
			paid: "已付款", refunded: "已退款", left: "退款後餘額",
			date: "時間", sale: "銷售單號", goods: "商品", reason: "原因", with: "付款方式", code: "付款碼",
			paymentNo: "商戶交易編號", acquirerNo: "支付寶交易編號", refundNo: "退款編號",
			store: "門市", till: "收銀機", byPerson: "由店員核實",
		}
	case "ja":
		return words{
			payment: "お支払い控え", refund: "返金控え", copy: "再発行",
			paid: "お支払い額", refunded: "返金額", left: "返金後の金額",
			date: "日時", sale: "取引番号", goods: "品目", reason: "理由", with: "お支払い方法", code: "支払いコード",
			paymentNo: "加盟店取引番号", acquirerNo: "Alipay取引番号", refundNo: "返金番号",
			store: "店舗", till: "レジ", byPerson: "店舗スタッフが確認",
		}
	case "ko":
		return words{
			payment: "결제 영수증", refund: "환불 영수증", copy: "재발행",
			paid: "결제 금액", refunded: "환불 금액", left: "환불 후 금액",
			date: "일시", sale: "판매 번호", goods: "상품", reason: "사유", with: "결제 수단", code: "결제 코드",
			paymentNo: "가맹점 거래 번호", acquirerNo: "Alipay 거래 번호", refundNo: "환불 번호",
			store: "매장", till: "계산대", byPerson: "매장 직원이 확인함",
		}
	case "th":
		return words{
			payment: "ใบเสร็จการชำระเงิน", refund: "ใบเสร็จการคืนเงิน", copy: "สำเนา",
			paid: "ชำระแล้ว", refunded: "คืนเงินแล้ว", left: "ยอดหลังคืนเงิน",
			date: "เวลา", sale: "เลขที่การขาย", goods: "สินค้า", reason: "เหตุผล", with: "ชำระด้วย", code: "รหัสชำระเงิน",
			paymentNo: "เลขธุรกรรมร้านค้า", acquirerNo: "เลขธุรกรรม Alipay", refundNo: "เลขที่การคืนเงิน",
			store: "สาขา", till: "เครื่องคิดเงิน", byPerson: "พนักงานร้านตรวจสอบแล้ว",
		}
	}
	return words{
		payment: "PAYMENT RECEIPT", refund: "REFUND RECEIPT", copy: "COPY",
		paid: "Paid", refunded: "Refunded", left: "After refunds",
		date: "Time", sale: "Sale", goods: "Goods", reason: "Reason", with: "Paid with", code: "Code",
		paymentNo: "Payment no.", acquirerNo: "Alipay no.", refundNo: "Refund no.",
		store: "Store", till: "Till", byPerson: "Confirmed by the store's staff",
	}
}
